package source_test

import (
	"context"
	"math/big"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/engine"
	"taxistream/engine/enginetest"
	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/job"
)

// split cuts a shard in half.
func (s *stream) split(shard int) {
	s.t.Helper()
	shards, err := s.server.Shards(name)
	if err != nil {
		s.t.Fatal(err)
	}
	start, _ := new(big.Int).SetString(shards[shard].StartingHashKey, 10)
	end, _ := new(big.Int).SetString(shards[shard].EndingHashKey, 10)
	half := start.Add(start, end).Rsh(start, 1).String()
	if _, err := s.client.API.SplitShard(context.Background(), &sdk.SplitShardInput{
		StreamName: aws.String(name), ShardToSplit: &shards[shard].ID, NewStartingHashKey: &half,
	}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stream) merge(a, b int) {
	s.t.Helper()
	shards, err := s.server.Shards(name)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.client.API.MergeShards(context.Background(), &sdk.MergeShardsInput{
		StreamName: aws.String(name), ShardToMerge: &shards[a].ID, AdjacentShardToMerge: &shards[b].ID,
	}); err != nil {
		s.t.Fatal(err)
	}
}

// Ensure the end of a shard is told behind its last record, with its children.
func TestSource_End(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	s.put(0, trip(1))
	s.split(0)
	r := open(t, s.source(trimHorizon), split(first))
	var ids []int64
	for {
		b, err := r.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range b.Elements {
			ids = append(ids, e.Value.Trip.ID)
		}
		if !b.End {
			continue
		}
		if len(ids) != 1 || len(b.Children) != 2 || b.Children[0].Parents[0] != first || b.Children[1].Parents[0] != first {
			t.Errorf("got %v and children %+v", ids, b.Children)
		}
		return
	}
}

// Ensure a job reads parents before their children, over a split and a merge of a
// stream whose shards all hold records before it starts.
func TestSource_ParentsBeforeChildren(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	id := 0
	fill := func(shards ...int) {
		for range 300 {
			id++
			s.put(shards[id%len(shards)], trip(id))
		}
	}
	fill(0)
	s.split(0) // 1 and 2
	fill(1, 2)
	s.split(1) // 3 and 4
	fill(3, 4, 2)
	s.merge(4, 2) // 5
	fill(3, 5)

	in := s.source(trimHorizon)
	in.Reader.Bytes = func() int { return 1 } // small reads
	got := &enginetest.Collect[job.Record]{}
	j := engine.NewJob(engine.Config{Name: "test", Parallelism: 2})
	engine.SinkTo(engine.FromSource(j, "trips", in, func(engine.Split) engine.WatermarkGenerator[job.Record] { return silent{} }), "out", got)
	done := make(chan error, 1)
	go func() { done <- j.Run(context.Background()) }()
	for deadline := time.Now().Add(30 * time.Second); len(got.Elements()) < id; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("read %d of %d records: %+v", len(got.Elements()), id, j.Status().Splits)
		}
	}
	if err := j.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	parents := map[string][]string{}
	all, err := in.Splits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		parents[p.ID] = p.Parents
	}
	begun, seen := map[string]bool{}, map[int64]bool{}
	for _, e := range got.Elements() {
		shard := e.Value.Origin.Shard
		begun[shard] = true
		seen[e.Value.Trip.ID] = true
		for child, of := range parents {
			for _, parent := range of {
				if parent == shard && begun[child] {
					t.Fatalf("a record of %s comes behind one of its child %s", shard, child)
				}
			}
		}
	}
	if len(seen) != id || len(got.Elements()) != id || len(begun) != 6 {
		t.Errorf("%d records, %d of them different, of %d shards; want %d of 6", len(got.Elements()), len(seen), len(begun), id)
	}
}

// silent makes no watermarks.
type silent struct{}

func (silent) OnElement(_ *engine.Element[job.Record], current int64) (int64, bool) {
	return current, true
}
func (silent) OnTick(_ time.Time, current int64) int64 { return current }
