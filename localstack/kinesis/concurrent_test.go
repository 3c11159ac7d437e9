package kinesis_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/localstack/kinesis"
)

// Ensure that writers, readers that follow parents to children, and reshards
// may run at once: each record is read once, and in order for its writer.
func TestConcurrent(t *testing.T) {
	const writers, batches, perBatch = 4, 25, 20
	s := mustServer(t, kinesis.Options{MemoryLimit: 64 << 10})
	must(t, s.CreateStream("s", 3))
	client := inProcessClient(s)
	ctx := t.Context()

	var wrote sync.WaitGroup
	for w := range writers {
		wrote.Go(func() {
			for b := range batches {
				in := &sdk.PutRecordsInput{StreamName: aws.String("s")}
				for i := range perBatch {
					in.Records = append(in.Records, types.PutRecordsRequestEntry{
						PartitionKey: aws.String(fmt.Sprint(w)), Data: fmt.Appendf(nil, "%d %d", w, b*perBatch+i),
					})
				}
				if _, err := client.PutRecords(ctx, in); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wrote.Go(func() {
		for _, n := range []int32{6, 2, 5, 1, 4} {
			if _, err := client.UpdateShardCount(ctx, &sdk.UpdateShardCountInput{StreamName: aws.String("s"), TargetShardCount: &n, ScalingType: types.ScalingTypeUniformScaling}); err != nil {
				t.Error(err)
			}
			_ = s.Stats()
		}
	})
	written := make(chan struct{})
	go func() { wrote.Wait(); close(written) }() // ends with the writers

	f := &follower{t: t, client: client, written: written, lastOf: map[int]int{}, parents: map[string]int{}}
	for i := range 3 {
		f.follow(ctx, shardName(i))
	}
	f.readers.Wait()
	for w := range writers {
		equal(t, fmt.Sprintf("last of writer %d", w), f.lastOf[w], batches*perBatch-1)
	}
	equal(t, "records", f.records, writers*batches*perBatch)
}

// follower reads a stream as a consumer must: a child once all its parents are read.
type follower struct {
	t       *testing.T
	client  *sdk.Client
	written <-chan struct{}
	readers sync.WaitGroup

	mu      sync.Mutex
	records int
	lastOf  map[int]int    // the last number read, by writer
	parents map[string]int // parents read to their end, by child
}

func (f *follower) follow(ctx context.Context, shard string) {
	f.readers.Go(func() {
		it, err := f.client.GetShardIterator(ctx, &sdk.GetShardIteratorInput{StreamName: aws.String("s"), ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
		if err != nil {
			f.t.Error(err)
			return
		}
		for next := it.ShardIterator; ; {
			finished := false
			select {
			case <-f.written:
				finished = true
			default:
			}
			out, err := f.client.GetRecords(ctx, &sdk.GetRecordsInput{ShardIterator: next, Limit: aws.Int32(7)})
			if err != nil {
				f.t.Error(err)
				return
			}
			f.take(out.Records)
			if next = out.NextShardIterator; next == nil {
				f.descend(ctx, out.ChildShards)
				return
			}
			if finished && *out.MillisBehindLatest == 0 {
				return
			}
		}
	})
}

func (f *follower) take(records []types.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range records {
		var w, i int
		if _, err := fmt.Sscan(string(r.Data), &w, &i); err != nil {
			f.t.Error(err)
		}
		if last, any := f.lastOf[w]; any && i != last+1 || !any && i != 0 {
			f.t.Errorf("writer %d: %d follows %d", w, i, last)
		}
		f.lastOf[w] = i
		f.records++
	}
}

func (f *follower) descend(ctx context.Context, children []types.ChildShard) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range children {
		if f.parents[*c.ShardId]++; f.parents[*c.ShardId] == len(c.ParentShards) {
			f.follow(ctx, *c.ShardId)
		}
	}
}
