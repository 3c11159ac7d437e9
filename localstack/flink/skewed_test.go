//go:build flink

package flink

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"taxistream/internal/kinesis"
	"taxistream/internal/trip"
	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/localtest"
)

const minute = 60_000

// skewed writes a stream whose shards' watermarks are up to an hour apart, and tells the oracle
// of it: trips of every kind, alone and in aggregates, copies in other shards, damaged records.
type skewed struct {
	w      *world
	rnd    *rand.Rand
	clocks map[string]int64 // by shard, ms
	id     int64
	sent   [][]byte
	oracle localtest.Stream
}

func newSkewed(w *world, seed uint64) *skewed {
	s := &skewed{w: w, rnd: rand.New(rand.NewPCG(seed, 0)), clocks: map[string]int64{}, oracle: localtest.Stream{Parents: map[string][]string{}, Bounded: -1}}
	base := time.Date(2016, 1, 5, 0, 0, 0, 0, time.UTC).UnixMilli()
	for i, shard := range w.open() {
		s.clocks[shard.ID] = base + int64(i)*20*minute
	}
	return s
}

// write does so many steps, each a record, a watermark or an aggregate in some shard.
func (s *skewed) write(steps int) {
	open := s.open()
	for range steps {
		shard := open[s.rnd.IntN(len(open))]
		s.clocks[shard.ID] += s.rnd.Int64N(20_000)
		switch s.rnd.IntN(40) {
		case 0, 1:
			s.watermark(shard, s.clocks[shard.ID]-5*minute)
		case 2:
			s.aggregate(shard)
		case 3:
			s.w.put(shard, s.damaged())
		case 4:
			if len(s.sent) > 0 {
				s.trip(shard, s.sent[s.rnd.IntN(len(s.sent))])
			}
		default:
			s.trip(shard, s.drawn(s.clocks[shard.ID]))
		}
	}
}

// open are the open shards; children go on where their parents' clocks are.
func (s *skewed) open() []embedded.ShardInfo {
	open := s.w.open()
	for _, shard := range open {
		if _, known := s.clocks[shard.ID]; !known {
			s.clocks[shard.ID] = max(s.clocks[shard.Parent], s.clocks[shard.AdjacentParent])
		}
	}
	return open
}

func (s *skewed) watermark(shard embedded.ShardInfo, at int64) {
	when := time.UnixMilli(at)
	s.oracle.Records = append(s.oracle.Records, localtest.Record{Shard: shard.ID, Watermark: &when})
	s.w.put(shard, trip.AppendWatermark(nil, at))
}

// drawn is a trip that ended around a time, late by up to 20 minutes.
func (s *skewed) drawn(at int64) []byte {
	s.id++
	t := trip.Trip{
		ID: s.id, PickupLat: 40.75 + 0.01*s.rnd.Float64(), PickupLon: -73.98 + 0.01*s.rnd.Float64(), DropoffLat: 40.7, DropoffLon: -73.9,
		Dropoff: at - s.rnd.Int64N(8)*s.rnd.Int64N(3*minute), TotalAmount: 12.5, HasAmount: true,
	}
	t.Pickup = t.Dropoff - s.rnd.Int64N(60*minute)
	switch s.rnd.IntN(12) {
	case 0, 1:
		t.DropoffLat, t.DropoffLon = 40.64, -73.78
	case 2:
		t.DropoffLat, t.DropoffLon = 40.77, -73.87
	case 3:
		t.PickupLat = 41
	case 4:
		t.Pickup = t.Dropoff + 1
	case 5:
		t.Pickup = t.Dropoff - 6*60*minute - s.rnd.Int64N(2)
	}
	return trip.AppendTrip(nil, &t)
}

func (s *skewed) trip(shard embedded.ShardInfo, data []byte) {
	s.w.put(shard, data)
	s.tell(shard, data)
	s.sent = append(s.sent, data)
}

func (s *skewed) tell(shard embedded.ShardInfo, data []byte) {
	var e trip.Event
	if err := trip.Decode(data, &e); err != nil {
		s.w.t.Fatal(err)
	}
	s.oracle.Records = append(s.oracle.Records, localtest.Record{Shard: shard.ID, Trip: localtest.Trip{
		ID: e.Trip.ID, PickupLat: e.Trip.PickupLat, PickupLon: e.Trip.PickupLon, DropoffLat: e.Trip.DropoffLat, DropoffLon: e.Trip.DropoffLon,
		Pickup: time.UnixMilli(e.Trip.Pickup), Dropoff: time.UnixMilli(e.Trip.Dropoff),
	}})
}

// aggregate packs trips, whose keys hash to any shard, and now and then a watermark, which counts
// for nothing there.
func (s *skewed) aggregate(shard embedded.ShardInfo) {
	a := kinesis.NewAggregator(1<<16, shard.StartingHashKey)
	for range 1 + s.rnd.IntN(20) {
		data := s.drawn(s.clocks[shard.ID])
		a.Add(fmt.Append(nil, s.id), data)
		s.tell(shard, data)
	}
	if s.rnd.IntN(4) == 0 {
		a.Add([]byte("w"), trip.AppendWatermark(nil, s.clocks[shard.ID]))
	}
	record := a.AppendTo(nil)
	kinesis.Seal([][]byte{record})
	s.w.put(shard, record)
}

// damaged is a record that is no event.
func (s *skewed) damaged() []byte {
	whole := s.drawn(s.clocks[s.w.open()[0].ID])
	switch s.rnd.IntN(6) {
	case 0:
		return append([]byte{0xf3, 0x89, 0x9a, 0xc2}, whole...) // an aggregate with a bad checksum
	case 1:
		return whole[:s.rnd.IntN(len(whole)-2)+1]
	case 2:
		return append(slices.Clone(whole), whole...)
	case 3:
		whole[s.rnd.IntN(8)] = 0xff
		return whole
	case 4:
		return []byte(`{"type":"taxi","trip_id":1}`)
	}
	return []byte(`{"trip_id":1,"trip_id":0,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.7,"dropoff_lon":-73.9,"pickup_datetime":"2016-01-05T00:00:00","dropoff_datetime":"2016-01-05T00:00:00Z"}`)
}

// reshard splits or merges.
func (s *skewed) reshard() {
	open := s.w.open()
	if len(open) > 1 && s.rnd.IntN(2) == 0 || len(open) > 6 {
		s.w.merge(s.rnd.IntN(len(open) - 1))
	} else {
		s.w.split(s.rnd.IntN(len(open)))
	}
}

// end closes every window of every shard and returns that watermark.
func (s *skewed) end() int64 {
	var last int64
	for _, at := range s.clocks {
		last = max(last, at)
	}
	last += 120 * minute
	for _, shard := range s.open() {
		s.watermark(shard, last)
	}
	shards, err := s.w.kinesis.Shards(stream)
	if err != nil {
		s.w.t.Fatal(err)
	}
	for _, shard := range shards {
		s.oracle.Parents[shard.ID] = nil
		for _, p := range []string{shard.Parent, shard.AdjacentParent} {
			if p != "" {
				s.oracle.Parents[shard.ID] = append(s.oracle.Parents[shard.ID], p)
			}
		}
	}
	return last
}

// verdict is what the stream's results are: those of the oracle and of the Go processor, which
// must agree.
func (s *skewed) verdict() (export string, rejects map[string]int) {
	t := s.w.t
	t.Helper()
	export, rejects = s.w.reference(s.end())
	judged := s.oracle.Judge(t)
	if diff := localtest.Diff([]byte(export), judged.Export); diff != "" {
		t.Fatalf("the Go processor and the oracle: %s", diff)
	}
	sums := byReason(rejects)
	for _, reason := range []string{"outside_city", "negative_duration", "too_long", "late", "duplicate"} {
		if sums[reason] != judged.Rejected[reason] || sums[reason] == 0 {
			t.Fatalf("the Go processor rejects %v, the oracle %v", sums, judged.Rejected)
		}
	}
	if sums["malformed"] == 0 {
		t.Fatal("no record was malformed")
	}
	return export, rejects
}

// Ensure that shards an hour apart, splits, merges, damaged records, more readers than shards and
// kill -9 change nothing.
func TestSkewedShards(t *testing.T) {
	w := newWorld(t, 3)
	s := newSkewed(w, 1)
	s.write(1500)
	s.reshard()
	s.write(500)
	job := w.job()
	w.settled()
	s.reshard()
	s.write(1000)
	w.kill(job)
	s.reshard()
	s.reshard()
	s.write(1000)
	export, rejects := s.verdict()
	job = w.job("-p", "5")
	w.await(job, export, rejects)
	w.stop(job)
}
