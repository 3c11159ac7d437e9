package job_test

import (
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// arrived is when the records of the tests below arrive.
var arrived = at("13:00")

const hour = 3_600_000

// liveWorld has a live stream's -max-ahead.
func liveWorld(t *testing.T, shards ...string) *world {
	w := newWorld(t, shards...)
	w.config.HotspotMin, w.config.Rules.MaxAhead, w.config.Clocks = 1, time.Hour, &job.Clocks{}
	return w
}

func (w *world) tripAt(shard string, t trip.Trip, arrival int64) {
	w.arrive(shard, job.Record{Kind: trip.KindTrip, Trip: t, Data: trip.AppendTrip(nil, &t)}, t.EventTime(), arrival)
}

func (w *world) watermarkAt(shard string, ms, arrival int64) {
	w.arrive(shard, job.Record{Kind: trip.KindWatermark, Watermark: ms, Data: trip.AppendWatermark(nil, ms)}, 0, arrival)
}

func (w *world) refused(shard string) int64 { return w.config.Clocks.Shards()[shard].Refused }

// Ensure a watermark is refused exactly if it is later than its record's arrival and
// the bound; it moves no clock, is counted, and rejects nothing.
func TestRefusedWatermark(t *testing.T) {
	far := trip.NewYork(9999, 12, 31, 12, 0, 0, 0)
	for name, c := range map[string]struct {
		maxAhead           time.Duration
		watermark, arrival int64
		refused            int64
		want               int64
	}{
		"Bound":       {time.Hour, arrived + hour, arrived, 0, arrived + hour},
		"Beyond":      {time.Hour, arrived + hour + 1, arrived, 1, at("12:00")},
		"Year9999":    {trip.DefaultRules.MaxAhead, far, arrived, 1, at("12:00")},
		"NoRule":      {0, far, arrived, 0, far},
		"NoArrival":   {time.Hour, far, trip.NoArrival, 0, far},
		"OldArrival":  {time.Hour, at("12:30"), at("11:29"), 1, at("12:00")}, // too far ahead, though its trips are to come
		"GoesBackToo": {time.Hour, at("11:30"), at("10:00"), 1, at("12:00")}, // lower than the last: refused all the same
	} {
		t.Run(name, func(t *testing.T) {
			w := liveWorld(t, "a")
			w.config.Rules.MaxAhead = c.maxAhead
			w.watermarkAt("a", at("12:00"), arrived)
			w.watermarkAt("a", c.watermark, c.arrival)
			w.run()
			w.wantWatermark(c.want)
			w.wantRejected("")
			if got := w.refused("a"); got != c.refused {
				t.Errorf("%d watermarks refused, want %d", got, c.refused)
			}
			if n := w.job.Status().Splits[0].Regressions; n != 0 {
				t.Errorf("%d watermarks counted as ignored, too", n)
			}
		})
	}
}

// Ensure those who ask are told which record was refused, and which moved the clock.
func TestClocksNameTheRecord(t *testing.T) {
	w := liveWorld(t, "a", "b")
	var told []int64
	w.config.OnRefused = func(m job.Mark, n int64) {
		if m.Shard != "a" {
			t.Errorf("told of shard %s", m.Shard)
		}
		told = append(told, n)
	}
	w.watermarkAt("a", at("12:30"), arrived)
	w.watermarkAt("a", at("12:00"), arrived) // goes back
	w.watermarkAt("a", at("18:00"), arrived)
	w.watermarkAt("a", at("19:00"), arrived+1)
	w.watermarkAt("b", at("13:30"), arrived)
	w.run()
	want := job.ShardClock{
		Raised:  job.Mark{Shard: "a", Sequence: "49501", Watermark: at("12:30"), Arrival: arrived},
		Refused: 2,
		Last:    job.Mark{Shard: "a", Sequence: "49504", Watermark: at("19:00"), Arrival: arrived + 1},
	}
	if got := w.config.Clocks.Shards()["a"]; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if len(told) != 2 || told[0] != 1 || told[1] != 2 {
		t.Errorf("told %v", told)
	}
}

// Ensure a trip from the future is too_early in the modes whose event time the trip
// itself says, and in no other; and that watermark records are not judged there.
func TestTooEarly(t *testing.T) {
	for mode, want := range map[job.EventTime]string{
		{Mode: job.Producer}:                        "too_early 1",
		{Mode: job.Bounded, Bound: 24 * hour * 1e6}: "too_early 1",
		{Mode: job.Arrival}:                         "",
		{Mode: job.Clock}:                           "",
	} {
		t.Run(mode.String(), func(t *testing.T) {
			w := liveWorld(t, "a")
			w.config.EventTime = mode
			w.tripAt("a", ride(1, arrived+hour), arrived)
			w.tripAt("a", ride(2, arrived+hour+1), arrived)
			w.tripAt("a", ride(3, arrived+hour+1), trip.NoArrival)
			if mode.Mode != job.Producer {
				w.watermarkAt("a", at("23:59"), arrived)
			}
			w.run()
			w.wantRejected(want)
			if n := w.refused("a"); n != 0 {
				t.Errorf("%d watermarks refused", n)
			}
		})
	}
}

// Ensure that under bounded no trip that breaks a rule of its own moves the clock, that a
// late one and a duplicate are no exception to what a trip may move, and that each is
// judged before it moves the clock.
func TestBoundedClockMovesWithTripsThatMayCount(t *testing.T) {
	w := liveWorld(t, "a")
	w.config.EventTime = job.EventTime{Mode: job.Bounded, Bound: 10 * time.Second}
	w.tripAt("a", ride(1, at("12:30")), arrived)
	outside, long, negative := ride(2, at("13:40")), ride(3, at("13:40")), ride(4, at("13:40"))
	outside.DropoffLat = 41
	long.Pickup -= 6 * hour
	negative.Pickup = negative.Dropoff + 1
	early := ride(5, at("14:00:00.001"))
	for _, t := range []trip.Trip{outside, long, negative, early} {
		w.tripAt("a", t, arrived)
	}
	w.append("a", job.Record{Fault: "no event", Data: []byte("x")}, at("20:00"))
	w.run()
	w.wantWatermark(at("12:29:49.999"))
	w.wantRejected("malformed 1, negative_duration 1, outside_city 1, too_early 1, too_long 1")
	w.tripAt("a", ride(6, at("14:00")), arrived) // moves the clock past the end of its own window but not before it is judged
	w.tripAt("a", ride(6, at("14:00")), arrived)
	w.tripAt("a", ride(7, at("12:31")), arrived)
	w.run()
	w.wantWatermark(at("13:59:49.999"))
	w.wantRejected("duplicate 1, late 1, malformed 1, negative_duration 1, outside_city 1, too_early 1, too_long 1")
}

// Ensure that under arrival each record moves the clock, whatever it is, and one
// without an arrival time moves nothing.
func TestArrivalClockMovesWithEachRecord(t *testing.T) {
	w := liveWorld(t, "a")
	w.config.EventTime = job.EventTime{Mode: job.Arrival}
	w.tripAt("a", ride(1, at("12:30")), at("13:00"))
	outside := ride(2, at("12:30"))
	outside.PickupLon = 0
	for i, put := range []func(arrival int64){
		func(a int64) { w.tripAt("a", outside, a) },
		func(a int64) { w.arrive("a", job.Record{Fault: "no event", Data: []byte("x")}, a, a) },
		func(a int64) { w.watermarkAt("a", at("01:00"), a) },
	} {
		moment := at("13:10") + int64(i)
		put(moment)
		w.run()
		w.wantWatermark(moment - 1)
		put(trip.NoArrival)
		w.run()
		w.wantWatermark(moment - 1)
	}
}

// Ensure what a wrong watermark that no bound caught does, and which ways lead out: the
// child of a split inherits it, that of a merge starts from the lower of its parents' last
// ones; trips lost meanwhile stay lost.
func TestWrongWatermark_SplitAndMerge(t *testing.T) {
	wrong := at("12:00") + 365*24*hour
	start := func(t *testing.T) *world {
		w := liveWorld(t, "a", "b")
		w.config.Rules.MaxAhead = trip.DefaultRules.MaxAhead
		w.watermarkAt("a", at("12:00"), arrived)
		w.watermarkAt("b", at("12:00"), arrived)
		w.watermarkAt("b", wrong, arrived)
		w.tripAt("b", ride(1, at("12:05")), arrived)
		w.run()
		w.wantWatermark(at("12:00"))
		w.wantRejected("late 1")
		return w
	}
	finish := func(w *world, shards ...string) {
		for i, shard := range shards {
			w.tripAt(shard, ride(int64(10+i), at("12:15")), arrived)
			w.watermarkAt(shard, at("14:00"), arrived)
		}
		w.run()
	}
	t.Run("Merge", func(t *testing.T) {
		w := start(t)
		w.log.Merge("a", "b", "c")
		finish(w, "c")
		w.wantRejected("late 1")
		w.wantCounted(1)
	})
	t.Run("Split", func(t *testing.T) {
		w := start(t)
		w.log.Split("b", "c", "d")
		finish(w, "a", "c", "d")
		w.wantRejected("late 3")
		w.wantCounted(1)
	})
	t.Run("SplitAfterRefusal", func(t *testing.T) {
		w := liveWorld(t, "b")
		w.watermarkAt("b", at("12:00"), arrived)
		w.watermarkAt("b", wrong, arrived)
		w.log.Split("b", "c", "d")
		finish(w, "c", "d")
		w.wantRejected("")
		w.wantCounted(2)
	})
	t.Run("MergeAfterRefusal", func(t *testing.T) {
		w := liveWorld(t, "a", "b")
		w.watermarkAt("a", at("12:12"), arrived)
		w.watermarkAt("b", at("12:10"), arrived)
		w.watermarkAt("b", wrong, arrived)
		w.log.Merge("a", "b", "c")
		w.run()
		if got := w.watermarkOf("c"); got != at("12:10") {
			t.Errorf("the child begins at %s", engine.FormatTime(got))
		}
		finish(w, "c")
		w.wantRejected("")
		w.wantCounted(1)
	})
}

// Ensure refusals outlast a restart as the stream's facts that they are: the clock that
// goes on from a checkpoint is the one without them.
func TestRefusedWatermark_Restart(t *testing.T) {
	w := liveWorld(t, "a")
	w.watermarkAt("a", at("12:00"), arrived)
	w.watermarkAt("a", at("18:00"), arrived)
	w.run()
	w.must(w.driver.Checkpoint())
	w.tripAt("a", ride(1, at("12:15")), arrived)
	w.watermarkAt("a", at("18:00"), arrived)
	w.restart()
	w.wantWatermark(at("12:00"))
	w.watermarkAt("a", at("13:00"), arrived)
	w.run()
	w.wantRejected("")
	w.wantCounted(1)
	if n := w.refused("a"); n != 2 {
		t.Errorf("%d watermarks refused, want 2", n)
	}
}
