package job_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"taxistream/engine/enginetest"
	"taxistream/internal/trip"
	"taxistream/localstack/localtest"
	"taxistream/processor/job"
)

// Ensure no spread of trips over shards, no order within the watermarks' promise,
// no split, merge, restart, parallelism or schedule changes a byte of the results or
// a reject: they are those of the oracle's plain loop.
func TestResultsAreTheOracles(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		trips := drawTrips(r)
		want, rejected := localtest.Documents(t, oracleTrips(trips))
		w := newWorld(t, "a", "b")
		defer w.close()
		w.parallelism = rapid.IntRange(1, 4).Draw(r, "parallelism")
		turn := rapid.IntRange(0, 1000).Draw(r, "schedule")
		w.pick = func(n int) int { turn = (turn*31 + 7) % 10007; return turn % n }
		w.start()
		keys := ring{{"a", 0, 8}, {"b", 8, 16}}
		for i, trip := range trips {
			w.trip(keys.holder(int(trip.ID)%16), trip)
			switch rapid.IntRange(0, 11).Draw(r, "then") {
			case 0, 1:
				w.watermarks(least(trips[i+1:], at("14:00")) - 1)
			case 2:
				w.watermark(rapid.SampledFrom(w.log.Open()).Draw(r, "ahead"), least(trips[i+1:], at("14:00"))-1)
			case 3:
				keys = keys.split(w.log, rapid.IntRange(0, len(keys)-1).Draw(r, "parent"))
			case 4:
				keys = keys.merge(w.log, rapid.IntRange(0, len(keys)-1).Draw(r, "left"))
			case 5:
				w.run()
				w.must(w.driver.Checkpoint())
			case 6:
				w.run()
				w.restart()
			}
		}
		w.watermarks(at("23:00"))
		w.run()
		if diff := localtest.Diff(export(t, w), want); diff != "" {
			r.Fatal(diff)
		}
		if got := rejects(w); !maps.Equal(got, rejected) {
			r.Fatalf("rejected %v, want %v", got, rejected)
		}
	})
}

// rejects counts the reject documents by reason. A crash writes some twice, under one id.
func rejects(w *world) map[string]int {
	byID, out := map[string]string{}, map[string]int{}
	for _, e := range w.out.Elements() {
		if reason, ok := bytes.CutPrefix(e.Value.Source, []byte(`{"reason":"`)); ok {
			byID[e.Value.ID] = string(reason[:bytes.IndexByte(reason, '"')])
		}
	}
	for _, reason := range byID {
		out[reason]++
	}
	return out
}

// ring says which open shard holds a key, as hash keys do: so the copies of a trip
// stay in one family of shards.
type ring []keyRange

type keyRange struct {
	shard      string
	start, end int
}

func (r ring) holder(key int) string {
	for _, k := range r {
		if key >= k.start && key < k.end {
			return k.shard
		}
	}
	panic("no shard holds the key")
}

func (r ring) split(log *enginetest.Log[job.Record], i int) ring {
	k := r[i]
	half := (k.start + k.end) / 2
	if half == k.start {
		return r
	}
	left, right := keyRange{k.shard + "0", k.start, half}, keyRange{k.shard + "1", half, k.end}
	log.Split(k.shard, left.shard, right.shard)
	return slices.Replace(slices.Clone(r), i, i+1, left, right)
}

func (r ring) merge(log *enginetest.Log[job.Record], i int) ring {
	if i+1 == len(r) {
		return r
	}
	child := keyRange{r[i].shard + r[i+1].shard, r[i].start, r[i+1].end}
	log.Merge(r[i].shard, r[i+1].shard, child.shard)
	return slices.Replace(slices.Clone(r), i, i+2, child)
}

// drawTrips gives trips of one afternoon in a few places, a little out of order, some sent twice.
func drawTrips(r *rapid.T) []trip.Trip {
	places := [][2]float64{{40.758, -73.9855}, {40.7336, -74.0027}, {40.6413, -73.7781}, {40.7769, -73.874}, {40.5, -73.9}, {40.878, -73.722}}
	place := rapid.SampledFrom(places)
	trips := make([]trip.Trip, rapid.IntRange(1, 40).Draw(r, "trips"))
	clock := at("12:00")
	for i := range trips {
		if i > 0 && rapid.IntRange(0, 9).Draw(r, "again") == 0 {
			trips[i] = trips[i-1]
			continue
		}
		from, to := place.Draw(r, "from"), place.Draw(r, "to")
		clock += rapid.Int64Range(-60_000, 300_000).Draw(r, "step")
		trips[i] = trip.Trip{ID: int64(i + 1), PickupLat: from[0], PickupLon: from[1], DropoffLat: to[0], DropoffLon: to[1], Dropoff: clock}
		trips[i].Pickup = clock - rapid.OneOf(rapid.Int64Range(-10, 3_600_000), rapid.Int64Range(21_599_990, 21_600_010)).Draw(r, "duration")
	}
	return trips
}

// least is the lowest event time that is still to come.
func least(trips []trip.Trip, none int64) int64 {
	for _, t := range trips {
		none = min(none, t.EventTime())
	}
	return none
}

// Ensure the same stream gives the same documents whatever the order in which
// shards are read: a small fixed case of the test above, for a failure to be read.
func TestScheduleChangesNothing(t *testing.T) {
	var want []byte
	for seed := range 20 {
		w := newWorld(t, "a", "b")
		w.parallelism = 3
		turn := seed
		w.pick = func(n int) int { turn = (turn*31 + seed) % 10007; return turn % n }
		trips := afternoon()
		if seed%2 == 1 {
			slices.Reverse(trips)
		}
		for i, trip := range trips {
			w.trip([]string{"a", "b"}[i%2], trip)
		}
		w.watermarks(at("14:00"))
		w.run()
		got := export(t, w)
		if want == nil {
			want = got
		}
		if diff := localtest.Diff(got, want); diff != "" {
			t.Fatalf("schedule %d: %s", seed, diff)
		}
	}
}
