package put_test

import (
	"bytes"
	"crypto/md5"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/internal/fault"
	"taxistream/internal/trip"
	"taxistream/producer/put"
)

var start = time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC)

// lines is an aggregate of events, one a line, with room for a few.
type lines struct {
	data []byte
	n    int
	most int
}

func (l *lines) Add(_, data []byte) bool {
	if l.n == l.most {
		return false
	}
	l.data = append(l.data, data...)
	l.n++
	return true
}

func (l *lines) AppendTo(dst []byte) []byte { return append(dst, l.data...) }
func (l *lines) Reset()                     { l.data, l.n = l.data[:0], 0 }

// even are n shards that share the hash keys evenly.
func even(n int) []put.Shard {
	out := make([]put.Shard, n)
	for i := range out {
		s := new(big.Int).Lsh(big.NewInt(int64(i)), 128)
		out[i] = put.Shard{ID: fmt.Sprintf("shard-%02d", i), Start: s.Div(s, big.NewInt(int64(n))).String()}
	}
	return out
}

func mustMap(t interface{ Fatal(...any) }, shards []put.Shard) *put.Map {
	m, err := put.NewMap(shards)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// ledger counts acknowledgements by batch.
type ledger map[uint64]int

func (l ledger) Ack(batch uint64, n int) { l[batch] += n }

func some(from, n int) []trip.Trip {
	out := make([]trip.Trip, n)
	for i := range out {
		id := int64(from + i + 1)
		out[i] = trip.Trip{ID: id * 7919, Pickup: id * 10, Dropoff: id*10 + 5, PickupLat: 40.7, HasAmount: true}
	}
	return out
}

var errDown = errors.New("connection refused")

func classify(err error) fault.Class {
	if errors.Is(err, errDown) {
		return fault.Temporary
	}
	return fault.Final
}

func options(aggregated bool) put.Options {
	o := put.DefaultOptions(1)
	o.Classify = classify
	if aggregated {
		o.NewAggregate = func(string) put.Aggregate { return &lines{most: 3} }
	}
	return o
}

// Ensure every trip is acknowledged exactly once and lies in the stream at
// least once, under any order of answers, refusals, outages and reshards; that
// the limits hold; and that the acknowledgement never comes before the record.
func TestWriter_Model(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		aggregated := rapid.Bool().Draw(t, "aggregated")
		o := options(aggregated)
		o.MaxOutstanding = rapid.IntRange(1, 40).Draw(t, "max outstanding")
		o.Calls = rapid.IntRange(1, 4).Draw(t, "calls")
		o.RequestBytes = rapid.SampledFrom([]int{1, 1000, 100000}).Draw(t, "request bytes")
		shards := even(4)
		acked := ledger{}
		w := put.NewWriter(o, mustMap(t, shards), acked)
		now := start
		stream := map[int64]int{} // by id
		added, batch := 0, uint64(0)
		sizes := map[uint64]int{}
		var flying []*put.Request

		send := func() {
			for r := w.Next(now); r != nil; r = w.Next(now) {
				flying = append(flying, r)
				if len(r.Entries) == 0 || len(r.Entries) > put.MaxRequestRecords || len(flying) > o.Calls {
					t.Fatalf("a call of %d records beside %d others", len(r.Entries), len(flying)-1)
				}
			}
		}
		write := func(e *put.Entry) put.Result {
			for line := range bytes.Lines(e.Data) {
				var ev trip.Event
				if err := trip.Decode(line, &ev); err != nil {
					t.Fatal(err)
				}
				stream[ev.Trip.ID]++
				if !aggregated && e.PartitionKey != strconv.FormatInt(ev.Trip.ID, 10) {
					t.Fatalf("trip %d has the partition key %q", ev.Trip.ID, e.PartitionKey)
				}
			}
			return put.Result{Shard: shards[at(shards, e)].ID}
		}
		answer := func(i int, fail int) {
			r := flying[i]
			flying = append(flying[:i:i], flying[i+1:]...)
			var results []put.Result
			var err error
			if fail == 9 {
				err = errDown
			}
			for k := range r.Entries {
				if fail > 0 && fail < 9 && k%fail == 0 {
					results = append(results, put.Result{Code: []string{put.CodeThrottled, put.CodeInternal}[k%2]})
				} else {
					results = append(results, write(&r.Entries[k]))
				}
			}
			if err := w.Done(now, r, results, err); err != nil {
				t.Fatal(err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				n := min(rapid.IntRange(1, 20).Draw(t, "n"), w.Room())
				if n <= 0 {
					t.Skip("no room")
				}
				w.Add(batch, some(added, n))
				sizes[batch] = n
				added += n
				batch++
			},
			"flush": func(*rapid.T) { w.Flush() },
			"time": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 3000).Draw(t, "ms")) * time.Millisecond)
			},
			"send": func(*rapid.T) { send() },
			"answer": func(t *rapid.T) {
				if len(flying) == 0 {
					t.Skip("nothing in flight")
				}
				answer(rapid.IntRange(0, len(flying)-1).Draw(t, "which"), rapid.IntRange(0, 9).Draw(t, "fail"))
			},
			"reshard": func(t *rapid.T) {
				shards = even(rapid.IntRange(1, 8).Draw(t, "shards"))
				for i := range shards {
					shards[i].ID += fmt.Sprintf("-%d", added)
				}
			},
			"look": func(t *rapid.T) { w.SetShards(mustMap(t, shards)) },
			"": func(t *rapid.T) {
				ackedTrips := 0
				for b, n := range acked {
					if n > sizes[b] {
						t.Fatalf("batch %d of %d: %d acknowledged", b, sizes[b], n)
					}
					ackedTrips += n
				}
				if w.Outstanding() != added-ackedTrips || w.Outstanding() > o.MaxOutstanding || ackedTrips > len(stream) {
					t.Fatalf("%d outstanding of %d added, %d acknowledged, %d in the stream", w.Outstanding(), added, ackedTrips, len(stream))
				}
			},
		})
		for i := 0; w.Outstanding() > 0; i++ {
			w.Flush()
			now = now.Add(10 * time.Second)
			send()
			for len(flying) > 0 {
				answer(0, 0)
			}
			if i > 1000 {
				t.Fatalf("%d trips never leave", w.Outstanding())
			}
		}
		if len(stream) != added || int(w.Stats().Trips) != added {
			t.Fatalf("%d added, %d in the stream, %d counted", added, len(stream), w.Stats().Trips)
		}
	})
}

// at is the shard that takes an entry.
func at(shards []put.Shard, e *put.Entry) int {
	key, ok := new(big.Int).SetString(e.HashKey, 10)
	if !ok {
		sum := md5.Sum([]byte(e.PartitionKey))
		key = new(big.Int).SetBytes(sum[:])
	}
	last := 0
	for i, s := range shards {
		if from, _ := new(big.Int).SetString(s.Start, 10); from.Cmp(key) <= 0 {
			last = i
		}
	}
	return last
}

// Ensure a map finds the shard of any key as the obvious way does.
func TestMap_Lookup(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := 1; n < 40; n++ {
		shards := even(n)
		m := mustMap(t, shards)
		for range 200 {
			key := strconv.FormatUint(r.Uint64(), 10)
			want := at(shards, &put.Entry{PartitionKey: key})
			if got := m.Lookup(md5.Sum([]byte(key))); m.Shards()[got] != shards[want] {
				t.Fatalf("%d shards, key %s: got %d, want %d", n, key, got, want)
			}
		}
	}
	for _, start := range []string{"x", "-1", "340282366920938463463374607431768211456"} {
		if _, err := put.NewMap([]put.Shard{{ID: "a", Start: start}}); err == nil {
			t.Errorf("the hash key %q is taken", start)
		}
	}
}

// Ensure a call has at most 500 records and 5 MiB.
func TestWriter_Limits(t *testing.T) {
	w := put.NewWriter(options(false), mustMap(t, even(1)), ledger{})
	w.Add(0, some(0, 1200))
	var sizes []int
	for r := w.Next(start); r != nil; r = w.Next(start) {
		sizes = append(sizes, len(r.Entries))
	}
	if fmt.Sprint(sizes) != "[500 500]" {
		t.Fatalf("calls of %v", sizes)
	}
	o := options(true)
	o.RequestBytes = put.MaxRequestBytes
	o.NewAggregate = func(string) put.Aggregate { return &big1{} }
	w = put.NewWriter(o, mustMap(t, even(1)), ledger{})
	w.Add(0, some(0, 20))
	w.Flush()
	for r := w.Next(start); r != nil; r = w.Next(start) {
		bytes := 0
		for _, e := range r.Entries {
			bytes += len(e.Data) + len(e.PartitionKey)
		}
		if bytes > put.MaxRequestBytes {
			t.Fatalf("a call of %d bytes", bytes)
		}
	}
}

// big1 is an aggregate of one event that is just under the limit of a record.
type big1 struct{ lines }

func (b *big1) Add(k, d []byte) bool { b.most = 1; return b.lines.Add(k, d) }

func (b *big1) AppendTo(dst []byte) []byte {
	return append(b.lines.AppendTo(dst), bytes.Repeat([]byte{' '}, 1000000)...)
}

// Ensure an aggregate is retried byte for byte, to the same hash key, even after
// the shard map has changed.
func TestWriter_AggregateIsRetriedUnchanged(t *testing.T) {
	w := put.NewWriter(options(true), mustMap(t, even(1)), ledger{})
	w.Add(0, some(0, 2))
	w.Flush()
	r := w.Next(start)
	first := string(r.Entries[0].Data)
	if err := w.Done(start, r, []put.Result{{Code: put.CodeThrottled}}, nil); err != nil {
		t.Fatal(err)
	}
	w.SetShards(mustMap(t, even(4)))
	w.Add(1, some(2, 1))
	w.Flush()
	later := start.Add(10 * time.Second)
	r = w.Next(later)
	if got := string(r.Entries[0].Data); got != first || r.Entries[0].HashKey != "0" {
		t.Fatalf("retried as %q to %s", got, r.Entries[0].HashKey)
	}
}

// Ensure an unreachable service is probed by one call at a time, and that an
// error that cannot be cured ends the writer.
func TestWriter_Outage(t *testing.T) {
	o := options(false)
	w := put.NewWriter(o, mustMap(t, even(1)), ledger{})
	w.Add(0, some(0, 2000))
	w.Flush()
	now := start
	var flying []*put.Request
	for r := w.Next(now); r != nil; r = w.Next(now) {
		flying = append(flying, r)
	}
	for _, r := range flying {
		if err := w.Done(now, r, nil, errDown); err != nil {
			t.Fatal(err)
		}
	}
	if w.Next(now) != nil {
		t.Fatal("no pause after a failure")
	}
	probe, ok := w.Wake()
	if !ok || !probe.After(now) {
		t.Fatalf("wakes at %v", probe)
	}
	r := w.Next(probe)
	if r == nil || w.Next(probe) != nil {
		t.Fatal("not exactly one probe")
	}
	if err := w.Done(probe, r, nil, errors.New("access denied")); err == nil {
		t.Fatal("a fatal error is swallowed")
	}
}

func ExampleWriter() {
	m, _ := put.NewMap([]put.Shard{{ID: "shardId-000000000000", Start: "0"}})
	w := put.NewWriter(put.DefaultOptions(1), m, ledger{})
	w.Add(0, []trip.Trip{{ID: 7}, {ID: 8}})
	w.Flush()
	r := w.Next(start)
	for _, e := range r.Entries {
		fmt.Println(e.PartitionKey)
	}
	w.Done(start, r, []put.Result{{Shard: "shardId-000000000000"}, {Code: put.CodeThrottled}}, nil)
	fmt.Println(w.Outstanding(), "trip is left")
	// Output:
	// 7
	// 8
	// 1 trip is left
}
