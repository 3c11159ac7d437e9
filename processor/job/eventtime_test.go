package job_test

import (
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// Ensure each -event-time is read, printed as it is read, and anything else refused.
func TestParseEventTime(t *testing.T) {
	for text, want := range map[string]job.EventTime{
		"producer":      {Mode: job.Producer},
		"arrival":       {Mode: job.Arrival},
		"none":          {Mode: job.Clock},
		"bounded=10s":   {Mode: job.Bounded, Bound: 10 * time.Second},
		"bounded=1500":  {Mode: job.Bounded, Bound: 1500 * time.Millisecond},
		"bounded=0":     {Mode: job.Bounded},
		"bounded=1m30s": {Mode: job.Bounded, Bound: 90 * time.Second},
	} {
		got, err := job.ParseEventTime(text)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
		if again, err := job.ParseEventTime(got.String()); err != nil || again != want {
			t.Errorf("%s is printed as %s, which is read as %+v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "moon", "Producer", "producer=1s", "none=", "arrival=now", "bounded", "bounded=", "bounded=-1s", "bounded=soon"} {
		if got, err := job.ParseEventTime(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

// Ensure a trip is late once its shard's watermark is at its window's end less
// 1 ms, and not before, with the allowed lateness on top.
func TestLate(t *testing.T) {
	for name, c := range map[string]struct {
		lateness  time.Duration
		watermark string
		want      string
	}{
		"BeforeTheEnd":      {0, "12:39:59.998", ""},
		"AtTheEnd":          {0, "12:39:59.999", "late 1"},
		"Lateness":          {time.Minute, "12:40:59.998", ""},
		"AfterLateness":     {time.Minute, "12:40:59.999", "late 1"},
		"LatenessOfAnother": {time.Minute, "12:39:59.999", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "a")
			w.config.HotspotMin = 1
			w.config.Rules.AllowedLateness = c.lateness
			w.trip("a", ride(1, at("12:30")))
			w.watermark("a", at(c.watermark))
			w.trip("a", ride(2, at("12:30")))
			w.watermark("a", at("14:00"))
			w.run()
			w.wantRejected(c.want)
			w.wantCounted(int64(2 - len(c.want)/len("late 1")))
		})
	}
}

// Ensure a window that takes a trip after its end is written again, with a higher version.
func TestLatenessWritesAgain(t *testing.T) {
	w := newWorld(t, "a")
	w.config.Rules.AllowedLateness = time.Minute
	for id := range int64(2) {
		w.trip("a", ride(id+1, at("12:30")))
	}
	w.watermark("a", at("12:40"))
	w.run()
	w.wantCounted(2)
	w.trip("a", ride(3, at("12:30")))
	w.watermark("a", at("14:00"))
	w.run()
	w.wantCounted(3)
	if n := len(w.out.Elements()); n != 2 {
		t.Errorf("%d documents written, want one for each firing", n)
	}
}

// Ensure a watermark that goes back is ignored and counted, and no reject.
func TestWatermarkThatGoesBack(t *testing.T) {
	w := newWorld(t, "a")
	w.watermark("a", at("12:45"))
	w.watermark("a", at("12:44"))
	w.watermark("a", at("12:45")) // not lower: nothing to count
	w.trip("a", ride(1, at("12:39:59.999")))
	w.run()
	w.wantWatermark(at("12:45"))
	w.wantRejected("late 1")
	if n := w.job.Status().Splits[0].Regressions; n != 1 {
		t.Errorf("%d watermarks counted as ignored, want 1", n)
	}
}

// Ensure a shard without a watermark, as one read from the middle is, holds the clock.
func TestShardWithoutWatermarkHolds(t *testing.T) {
	w := newWorld(t, "a", "b")
	w.config.HotspotMin = 1
	w.trip("a", ride(1, at("12:30")))
	w.watermark("a", at("14:00"))
	w.trip("b", ride(2, at("12:30"))) // of the same window: not late, whatever shard a says
	w.run()
	w.wantWatermark(engine.NoWatermark)
	w.wantCounted(0)
	w.watermark("b", at("13:00"))
	w.run()
	w.wantWatermark(at("13:00"))
	w.wantCounted(2)
	w.wantRejected("")
}

// Ensure that with arrival the records' arrival is their time, and the shard's
// watermark the greatest of them less 1 ms, whatever watermark records say.
func TestArrival(t *testing.T) {
	w := newWorld(t, "a")
	w.config.EventTime, w.config.HotspotMin = job.EventTime{Mode: job.Arrival}, 1
	w.watermark("a", at("23:59"))
	w.trip("a", ride(1, at("12:30"))) // arrives at 23:00:00.002
	w.trip("a", ride(2, at("02:30")))
	w.run()
	w.wantWatermark(at("23:00:00.002"))
	w.wantCounted(0)
	w.put["a"] = 600_000 // ten minutes pass
	w.trip("a", ride(3, at("12:30")))
	w.run()
	w.wantWatermark(at("23:10"))
	w.wantCounted(2)
	w.wantRejected("")
	if n := w.job.Status().Splits[0].Regressions; n != 0 {
		t.Errorf("%d watermarks counted as ignored: watermark records do not count here", n)
	}
}

// Ensure that with bounded a shard's watermark follows its greatest event time by the
// bound and 1 ms, trips beyond it are late, and watermark records do not count.
func TestBounded(t *testing.T) {
	w := newWorld(t, "a")
	w.config.EventTime, w.config.HotspotMin = job.EventTime{Mode: job.Bounded, Bound: 10 * time.Second}, 1
	w.watermark("a", at("23:59"))
	w.trip("a", ride(1, at("12:30")))
	w.run()
	w.wantWatermark(at("12:29:49.999"))
	w.trip("a", ride(2, at("12:40:09.999")))
	w.trip("a", ride(3, at("12:39:59.999"))) // the watermark is one below the window's last instant
	w.append("a", job.Record{Fault: "no event", Data: []byte("x")}, at("20:00"))
	w.run()
	w.wantWatermark(at("12:39:59.998"))
	w.trip("a", ride(4, at("12:40:10")))
	w.trip("a", ride(5, at("12:39:59.999")))
	w.run()
	w.wantWatermark(at("12:39:59.999"))
	w.wantCounted(2)
	w.wantRejected("late 1, malformed 1")
}

// Ensure that with none the processor's clock is the records' time: nothing is
// late, and windows close as the clock goes on.
func TestNone(t *testing.T) {
	w := newWorld(t, "a")
	w.config.EventTime, w.config.HotspotMin = job.EventTime{Mode: job.Clock}, 1
	w.clock.Advance(12 * time.Hour)
	w.watermark("a", at("23:59"))
	w.trip("a", ride(1, at("12:30")))
	w.run()
	w.advance(9 * time.Minute)
	w.trip("a", ride(2, at("01:00")))
	w.run()
	w.wantCounted(0)
	w.advance(time.Minute)
	w.wantWatermark(at("12:09:59.999"))
	w.wantCounted(2)
	w.trip("a", ride(3, at("01:00")))
	w.run()
	w.advance(11 * time.Minute)
	w.wantCounted(3)
	w.wantRejected("")
}

// Ensure an idle shard lets the clock go on, and that its trip of a window that
// closed meanwhile is late though its own shard's watermark is not past it.
func TestIdleShard(t *testing.T) {
	w := newWorld(t, "a", "b")
	w.idle, w.config.HotspotMin = 10*time.Second, 1
	w.watermarks(at("12:00"))
	w.trip("a", ride(1, at("12:30")))
	w.watermark("a", at("12:59"))
	w.run()
	w.wantWatermark(at("12:00")) // shard b holds
	for range 3 {
		w.advance(6 * time.Second)
		w.watermark("a", at("13:00"))
		w.run()
	}
	w.wantWatermark(at("13:00"))
	w.wantCounted(1)
	w.trip("b", ride(2, at("12:30")))
	w.trip("b", ride(3, at("13:05")))
	w.watermark("b", at("13:01"))
	w.run()
	w.wantRejected("late 1")
	w.watermark("a", at("14:00")) // shard b is back, and holds again
	w.run()
	w.wantWatermark(at("13:01"))
	w.watermark("b", at("14:00"))
	w.run()
	w.wantCounted(2)
}

// Ensure times at which no document could be written do not stop the job.
func TestExtremeTimes(t *testing.T) {
	w := newWorld(t, "a")
	w.config.HotspotMin, w.config.Rules.MaxAhead = 1, 0
	w.trip("a", ride(1, at("12:30")))
	w.watermark("a", trip.NewYork(9999, 12, 31, 12, 0, 0, 0))
	w.trip("a", ride(2, trip.NewYork(1, 1, 2, 0, 0, 0, 0)))
	w.run()
	w.wantCounted(1)
	w.wantRejected("late 1")
}
