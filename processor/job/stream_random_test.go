package job_test

import (
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/internal/trip"
	"taxistream/localstack/localtest"
	"taxistream/processor/job"
)

// Ensure wrong times change nothing but what the rules say, in any order, over splits,
// merges, restarts and schedules: trips and watermarks from the future, watermarks that go
// back or break their promise, and records without an arrival. The results are those of the
// oracle, which goes through the stream record by record.
func TestWrongTimesAreTheOracles(t *testing.T) {
	reasons, refusals := map[string]int{}, 0
	rapid.Check(t, func(r *rapid.T) {
		d := newWrongTimes(t, r)
		defer d.world.close()
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			d.step()
		}
		d.world.run()
		d.world.must(d.world.driver.Drain())
		want := d.stream.Judge(t)
		if diff := localtest.Diff(export(t, d.world), want.Export); diff != "" {
			r.Fatal(diff)
		}
		if got := rejects(d.world); !maps.Equal(got, want.Rejected) {
			r.Fatalf("rejected %v, want %v", got, want.Rejected)
		}
		for shard := range d.stream.Parents {
			got := int(d.world.refused(shard)) // those behind a checkpoint are read, and counted, again
			if got < want.Refused[shard] || !d.restarted && got > want.Refused[shard] {
				r.Fatalf("shard %s: %d watermarks refused, want %d", shard, got, want.Refused[shard])
			}
			refusals += got
		}
		for reason, n := range want.Rejected {
			reasons[reason] += n
		}
	})
	for _, reason := range []string{"outside_city", "too_early", "late", "duplicate"} {
		if reasons[reason] == 0 {
			t.Errorf("no trip was %s", reason)
		}
	}
	if refusals == 0 {
		t.Error("no watermark was refused")
	}
}

// wrongTimes draws a stream and puts it into a world, and for the oracle, step by step.
type wrongTimes struct {
	r         *rapid.T
	world     *world
	stream    localtest.Stream
	keys      ring
	now       int64 // when records arrive; trips are reported as they end
	id        int64
	sent      []trip.Trip
	restarted bool
}

func newWrongTimes(t *testing.T, r *rapid.T) *wrongTimes {
	d := &wrongTimes{
		r: r, world: newWorld(t, "a", "b"), keys: ring{{"a", 0, 8}, {"b", 8, 16}}, now: at("12:00"),
		stream: localtest.Stream{Parents: map[string][]string{"a": nil, "b": nil}, Bounded: -1},
	}
	w := d.world
	w.config.Clocks = &job.Clocks{}
	w.parallelism = rapid.IntRange(1, 4).Draw(r, "parallelism")
	turn := rapid.IntRange(0, 1000).Draw(r, "schedule")
	w.pick = func(n int) int { turn = (turn*31 + 7) % 10007; return turn % n }
	d.stream.MaxAhead = rapid.SampledFrom([]time.Duration{0, time.Hour, trip.DefaultRules.MaxAhead}).Draw(r, "max ahead")
	w.config.Rules.MaxAhead = d.stream.MaxAhead
	if rapid.IntRange(0, 2).Draw(r, "bounded") == 0 {
		d.stream.Bounded = 10 * time.Minute
		w.config.EventTime = job.EventTime{Mode: job.Bounded, Bound: d.stream.Bounded}
	}
	w.start()
	return d
}

func (d *wrongTimes) step() {
	r, w := d.r, d.world
	d.now += rapid.Int64Range(0, 240_000).Draw(r, "pause")
	switch rapid.IntRange(0, 14).Draw(r, "step") {
	case 0, 1:
		for _, shard := range w.log.Open() {
			d.watermark(shard, d.now-rapid.Int64Range(60_000, 600_000).Draw(r, "behind"))
		}
	case 2:
		d.watermark(rapid.SampledFrom(w.log.Open()).Draw(r, "shard"), d.now+d.ahead())
	case 3:
		before := len(d.keys)
		if d.keys = d.keys.split(w.log, rapid.IntRange(0, len(d.keys)-1).Draw(r, "parent")); len(d.keys) > before {
			d.born()
		}
	case 4:
		i, before := rapid.IntRange(0, len(d.keys)-1).Draw(r, "left"), d.keys
		if d.keys = d.keys.merge(w.log, i); len(d.keys) < len(before) {
			d.stream.Parents[d.keys[i].shard] = []string{before[i].shard, before[i+1].shard}
		}
	case 5:
		w.run()
		w.must(w.driver.Checkpoint())
	case 6:
		w.run()
		w.restart()
		d.restarted = true
	case 7:
		d.trip(ride(d.nextID(), d.now+d.ahead()))
	case 8:
		if len(d.sent) > 0 {
			d.trip(rapid.SampledFrom(d.sent).Draw(r, "again"))
		}
	default:
		t := ride(d.nextID(), d.now-rapid.Int64Range(0, 900_000).Draw(r, "age"))
		if rapid.IntRange(0, 9).Draw(r, "outside") == 0 {
			t.PickupLat, t.Dropoff, t.Pickup = 41, t.Dropoff+hour/2, t.Pickup+hour/2
		}
		d.trip(t)
	}
}

// born enters the children of a split, which are the shards without an entry.
func (d *wrongTimes) born() {
	for _, k := range d.keys {
		if _, known := d.stream.Parents[k.shard]; !known {
			d.stream.Parents[k.shard] = []string{k.shard[:len(k.shard)-1]}
		}
	}
}

func (d *wrongTimes) nextID() int64 { d.id++; return d.id }

// ahead is how far in the future something wrong is: around the bounds, and far beyond.
func (d *wrongTimes) ahead() int64 {
	const tenYears = 10 * 365 * 24 * hour
	return rapid.SampledFrom([]int64{hour / 4, hour, hour + 1, 30 * 24 * hour, tenYears, tenYears + 1, 100 * 365 * 24 * hour}).Draw(d.r, "ahead")
}

// arrival is when the next record arrives: now, or it does not say.
func (d *wrongTimes) arrival() (ms int64, at time.Time) {
	if rapid.IntRange(0, 9).Draw(d.r, "without arrival") == 0 {
		return trip.NoArrival, time.Time{}
	}
	return d.now, time.UnixMilli(d.now)
}

func (d *wrongTimes) trip(t trip.Trip) {
	ms, arrived := d.arrival()
	shard := d.keys.holder(int(t.ID) % 16)
	d.world.tripAt(shard, t, ms)
	d.sent = append(d.sent, t)
	d.stream.Records = append(d.stream.Records, localtest.Record{Shard: shard, Trip: oracleTrips([]trip.Trip{t})[0], Arrived: arrived})
}

func (d *wrongTimes) watermark(shard string, w int64) {
	ms, arrived := d.arrival()
	d.world.watermarkAt(shard, w, ms)
	at := time.UnixMilli(w)
	d.stream.Records = append(d.stream.Records, localtest.Record{Shard: shard, Watermark: &at, Arrived: arrived})
}
