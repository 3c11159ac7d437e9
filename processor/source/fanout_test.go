package source_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/engine"
	"taxistream/internal/kinesis"
	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/source"
)

// fanOut is a source that reads the stream as a new consumer. On the stream's clock six
// seconds pass from one question to the next, so that no subscription is refused for
// coming too early.
func fanOut(t *testing.T, shards int, o embedded.Options, notify func(string)) (*stream, *source.Source) {
	t.Helper()
	s := newStream(t, shards, o)
	from := s.source(source.Position{Kind: "TRIM_HORIZON"})
	from.Reader.Notify = notify
	out, err := s.client.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	consumer, err := s.client.Register(t.Context(), out.ARN, "c", func(text string) { t.Error(text) })
	if err != nil || !consumer.New {
		t.Fatalf("registered: %+v, %v", consumer, err)
	}
	from.Consumer = consumer.ARN
	return s, from
}

// readers reads a stream's shards, each as soon as its parents are read, and keeps the
// ids of each. A reader that is asked to is closed and opened again behind its last batch.
type readers struct {
	t    *testing.T
	from *source.Source
	done sync.WaitGroup

	mu      sync.Mutex
	ids     map[string][]int64
	waiting map[string]int // parents that were read, by child
	reopen  atomic.Int64   // one batch in so many
}

func (r *readers) read(ctx context.Context, split engine.Split) {
	r.done.Go(func() {
		reader, err := r.from.Open(ctx, split)
		if err != nil {
			r.t.Error(err)
			return
		}
		defer func() { reader.Close() }()
		for n := int64(1); ; n++ {
			b, err := reader.Next(ctx)
			if err != nil {
				if ctx.Err() == nil {
					r.t.Errorf("%s: %v", split.ID, err)
				}
				return
			}
			r.mu.Lock()
			for _, e := range b.Elements {
				r.ids[split.ID] = append(r.ids[split.ID], e.Value.Trip.ID)
			}
			for _, child := range b.Children {
				if r.waiting[child.ID]++; b.End && r.waiting[child.ID] == len(child.Parents) {
					r.read(ctx, engine.Split{ID: child.ID, Watermark: engine.NoWatermark})
				}
			}
			r.mu.Unlock()
			if b.End {
				return
			}
			if b.Offset != nil {
				split.Offset = slices.Clone(b.Offset)
			}
			if every := r.reopen.Load(); every > 0 && n%every == 0 {
				reader.Close()
				if reader, err = r.from.Open(ctx, split); err != nil {
					r.t.Error(err)
					return
				}
			}
		}
	})
}

func (r *readers) count() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ids := range r.ids {
		n += len(ids)
	}
	return n
}

// Ensure a consumer gets each record once and in its shard's order, over subscriptions that
// end by their time and that are cut in the middle of an event, calls that fail, readers
// that begin again from their offset, and splits and merges.
func TestFanOut(t *testing.T) {
	var calls atomic.Int64
	clock := noon
	var mu sync.Mutex
	o := embedded.Options{SubscriptionLife: 30 * time.Millisecond, Faults: embedded.Faults{Hook: func(operation string) embedded.Fault {
		if operation != "SubscribeToShard" {
			return embedded.Fault{}
		}
		switch calls.Add(1) % 5 {
		case 1:
			return embedded.Fault{Drop: true}
		case 2:
			return embedded.Fault{Status: 500}
		}
		return embedded.Fault{}
	}}}
	o.Clock = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		clock = clock.Add(6 * time.Second)
		return clock
	}
	s, from := fanOut(t, 2, o, nil)
	ctx, cancel := context.WithCancel(t.Context())
	r := &readers{t: t, from: from, ids: map[string][]int64{}, waiting: map[string]int{}}
	r.reopen.Store(3)
	for shard := range 2 {
		r.read(ctx, split(fmt.Sprintf("shardId-%012d", shard)))
	}
	const each = 40
	id := 0
	put := func(shards ...int) {
		for range each {
			for _, shard := range shards {
				id++
				s.put(shard, trip(id))
			}
		}
	}
	put(0, 1)
	split := &sdk.SplitShardInput{StreamName: aws.String(name), ShardToSplit: aws.String("shardId-000000000000"), NewStartingHashKey: aws.String("7")}
	if _, err := s.client.API.SplitShard(ctx, split); err != nil {
		t.Fatal(err)
	}
	put(1, 2, 3)
	merge := &sdk.MergeShardsInput{StreamName: aws.String(name), ShardToMerge: aws.String("shardId-000000000003"), AdjacentShardToMerge: aws.String("shardId-000000000001")}
	if _, err := s.client.API.MergeShards(ctx, merge); err != nil {
		t.Fatal(err)
	}
	put(2, 4)
	for limit := time.After(time.Minute); r.count() < id; {
		select {
		case <-limit:
			t.Fatalf("%d records of %d were read", r.count(), id)
		case <-time.After(10 * time.Millisecond):
		}
	}
	cancel()
	r.done.Wait()
	seen := map[int64]bool{}
	for shard, ids := range r.ids {
		for i, id := range ids {
			if seen[id] || i > 0 && ids[i-1] >= id {
				t.Fatalf("%s: trip %d after %d, read before: %v", shard, id, ids[max(i-1, 0)], seen[id])
			}
			seen[id] = true
		}
	}
	if len(seen) != id || calls.Load() < 10 {
		t.Errorf("%d of %d trips by %d subscriptions", len(seen), id, calls.Load())
	}
}

// Ensure a reader that begins at LATEST has an offset before its first record, and that a
// tip is told though nothing comes.
func TestFanOut_Latest(t *testing.T) {
	s, from := fanOut(t, 1, embedded.Options{}, nil)
	from.Position = source.Position{Kind: "LATEST"}
	s.put(0, trip(1))
	s.advance(time.Second)
	r := open(t, from, split(first))
	defer r.Close()
	b, err := r.Next(t.Context())
	if err != nil || !b.AtTip || len(b.Elements) > 0 || b.Offset == nil {
		t.Fatalf("the first batch: %+v, %v", b, err)
	}
	s.put(0, trip(2))
	ids, _ := read(t, r)
	if !slices.Equal(ids, []int64{2}) {
		t.Errorf("read %v", ids)
	}
}

// Ensure a subscription that another reader takes over is told with what to do, and taken
// back; and that a consumer that was removed ends the reader in one line.
func TestFanOut_Rival(t *testing.T) {
	notes := make(chan string, 10)
	s, from := fanOut(t, 1, embedded.Options{}, func(text string) { notes <- text })
	r := open(t, from, split(first))
	defer r.Close()
	if _, err := r.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.advance(5 * time.Second)
	other := s.client.NewFanOut(from.Consumer, first, kinesis.Position{Kind: "TRIM_HORIZON"}, kinesis.ReaderOptions{})
	defer other.Close()
	if _, err := other.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() {
		for {
			b, err := r.Next(t.Context())
			if err != nil || len(b.Elements) > 0 {
				result <- err
				return
			}
		}
	}()
	if note := <-notes; !strings.Contains(note, "give each processor a -consumer-name of its own") {
		t.Errorf("told %q", note)
	}
	s.put(0, trip(1))
	s.advance(5 * time.Second)
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	if err := s.client.Deregister(t.Context(), kinesis.Consumer{Name: "c", ARN: from.Consumer}); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := r.Next(t.Context()); err != nil {
			if !strings.Contains(err.Error(), "the consumer of stream trips is gone") || strings.Contains(err.Error(), "\n") {
				t.Errorf("a removed consumer: %v", err)
			}
			break
		}
	}
}

// Ensure a consumer is registered, waited for, found again and removed.
func TestRegister(t *testing.T) {
	s := newStream(t, 1, embedded.Options{CreateDelay: time.Second})
	s.advance(time.Second)
	d, err := s.client.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	registered := make(chan struct{})
	go func() { // the clock goes on until it is there: nobody tells when it began to be made
		for {
			select {
			case <-registered:
				return
			case <-time.After(10 * time.Millisecond):
				s.advance(time.Second)
			}
		}
	}()
	first, err := s.client.Register(t.Context(), d.ARN, "c", func(string) {})
	close(registered)
	if err != nil || !first.New {
		t.Fatalf("got %+v, %v", first, err)
	}
	again, err := s.client.Register(t.Context(), d.ARN, "c", func(string) {})
	if err != nil || again.New || again.ARN != first.ARN {
		t.Errorf("found %+v, %v", again, err)
	}
	for range 2 {
		if err := s.client.Deregister(t.Context(), first); err != nil {
			t.Error(err)
		}
	}
}
