package app

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"sync"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/kinesis"
	"taxistream/internal/trip"
	"taxistream/producer/put"
)

// slice is an input of trips in memory, a few at a time.
type slice struct {
	trips []trip.Trip
	at    int
	err   error // instead of the end
}

func (s *slice) Next(buf []trip.Trip) (int, error) {
	if s.at == len(s.trips) {
		if s.err != nil {
			return 0, s.err
		}
		return 0, io.EOF
	}
	n := copy(buf, s.trips[s.at:])
	s.at += n
	return n, nil
}

func (s *slice) Rewind(context.Context) error { s.at = 0; return nil }
func (s *slice) Close() error                 { return nil }

// rides makes n trips, one each step ms of event time.
func rides(n int, step int64) []trip.Trip {
	const first = 1421323200000 // 2015-01-15T12:00:00Z
	out := make([]trip.Trip, n)
	for i := range out {
		at := first + int64(i)*step
		out[i] = trip.Trip{
			ID: int64(i + 1), Pickup: at - 600000, Dropoff: at, TotalAmount: 9.8, HasAmount: true,
			PickupLat: 40.712345, PickupLon: -73.987654, DropoffLat: 40.76, DropoffLon: -73.98,
		}
	}
	return out
}

var errDown = errors.New("connection refused")

// fake is a stream in memory that fails as often as it is told to.
type fake struct {
	mu       sync.Mutex
	shards   []*fakeShard
	rand     *rand.Rand
	refuse   float64 // share of entries that are refused
	fail     float64 // share of calls that fail before they do anything
	lose     float64 // share of calls that fail after they have done all
	reshard  float64 // share of calls before which a shard splits or two merge
	down     bool
	latency  time.Duration
	calls    int
	arrivals []time.Time // of trips
	now      func() time.Time
	fatal    error
}

type fakeShard struct {
	read
	start, end *big.Int // end not included
}

func newFake(n int) *fake {
	f := &fake{rand: rand.New(rand.NewPCG(1, 1))}
	for i := range n {
		edge := func(i int) *big.Int {
			x := new(big.Int).Lsh(big.NewInt(int64(i)), 128)
			return x.Div(x, big.NewInt(int64(n)))
		}
		f.add(edge(i), edge(i+1), nil)
	}
	return f
}

func (f *fake) add(start, end *big.Int, parents []string) {
	id := fmt.Sprintf("shard-%03d", len(f.shards))
	f.shards = append(f.shards, &fakeShard{read{id: id, parents: parents, open: true}, start, end})
}

func (f *fake) PutRecords(ctx context.Context, entries []put.Entry) ([]put.Result, error) {
	if f.latency > 0 {
		time.Sleep(f.latency)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.fatal != nil {
		return nil, f.fatal
	}
	if f.down || f.rand.Float64() < f.fail {
		return nil, errDown
	}
	if f.rand.Float64() < f.reshard {
		f.change()
	}
	out := make([]put.Result, len(entries))
	for i, e := range entries {
		if f.rand.Float64() < f.refuse {
			out[i].Code = put.CodeThrottled
			continue
		}
		out[i].Shard = f.write(e)
	}
	if f.rand.Float64() < f.lose {
		return nil, errDown
	}
	return out, nil
}

func (f *fake) write(e put.Entry) string {
	key, ok := new(big.Int).SetString(e.HashKey, 10)
	if !ok {
		sum := md5.Sum([]byte(e.PartitionKey))
		key = new(big.Int).SetBytes(sum[:])
	}
	for _, s := range f.shards {
		if s.open && s.start.Cmp(key) <= 0 && key.Cmp(s.end) < 0 {
			s.records = append(s.records, append([]byte(nil), e.Data...))
			if f.now != nil {
				f.arrivals = append(f.arrivals, f.now())
			}
			return s.id
		}
	}
	panic("no shard for the key")
}

// change splits a shard, or merges two neighbours.
func (f *fake) change() {
	var open []*fakeShard
	for _, s := range f.shards {
		if s.open {
			open = append(open, s)
		}
	}
	a := open[f.rand.IntN(len(open))]
	if len(open) < 6 {
		middle := new(big.Int).Add(a.start, a.end)
		middle.Rsh(middle, 1)
		a.open = false
		f.add(a.start, middle, []string{a.id})
		f.add(middle, a.end, []string{a.id})
		return
	}
	for _, b := range open {
		if b.start.Cmp(a.end) == 0 {
			a.open, b.open = false, false
			f.add(a.start, b.end, []string{a.id, b.id})
			return
		}
	}
}

func (f *fake) OpenShards(context.Context) ([]put.Shard, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down || f.rand.Float64() < f.fail {
		return nil, errDown
	}
	var out []put.Shard
	for _, s := range f.shards {
		if s.open {
			out = append(out, put.Shard{ID: s.id, Start: s.start.String()})
		}
	}
	return out, nil
}

// all is what the stream holds.
func (f *fake) all() []read {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []read
	for _, s := range f.shards {
		out = append(out, s.read)
	}
	return out
}

func (f *fake) target() Target {
	return Target{
		Stream: f,
		Classify: func(err error) fault.Class {
			if errors.Is(err, errDown) {
				return fault.Temporary
			}
			return fault.Final
		},
		NewAggregate: func(hashKey string) put.Aggregate { return kinesis.NewAggregator(4<<10, hashKey) },
		Seal: func(records [][]byte) { // one by one: what does many at a time has goroutines, which no bubble may keep
			for i := range records {
				kinesis.Seal(records[i : i+1])
			}
		},
	}
}
