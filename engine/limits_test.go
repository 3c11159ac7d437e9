package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// Ensure that state that outgrows its limit fails the job in words that help.
func TestJob_StateLimit(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	for i := range int64(100) {
		log.Append("a", rideAt(i, i, 100), i)
	}
	log.Seal()
	err := run(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{Name: "test", MaxStateEntries: 50}))
	var full *engine.StateLimitError
	if !errors.As(err, &full) || full.Limit != 50 || full.Entries <= 50 || !strings.Contains(err.Error(), "the limit is 50") {
		t.Errorf("run: %v", err)
	}
	if err := run(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{Name: "test", MaxStateEntries: -1})); err != nil {
		t.Errorf("without a limit: %v", err)
	}
}

// ticking makes the processing clock the watermark.
type ticking struct{}

func (ticking) OnElement(_ *engine.Element[record], current int64) (int64, bool) {
	return current, true
}
func (ticking) OnTick(now time.Time, _ int64) int64 { return now.UnixMilli() - 1 }

// Ensure that a generator can follow processing time, given as a value.
func TestJob_ProcessingTime(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	clock := engine.NewManualClock(time.UnixMilli(0))
	job := engine.NewJob(engine.Config{Name: "test", Clock: clock, TickInterval: time.Second})
	in := engine.FromSource(job, "in", &enginetest.LogSource[ride]{Log: log}, func(engine.Split) engine.WatermarkGenerator[record] { return ticking{} })
	engine.SinkTo(in, "out", &enginetest.Collect[record]{})
	s := start(t, job)
	wait(t, "the clock is at 4999", func() bool {
		if job.Status().Watermark < 4999 {
			clock.Advance(time.Second)
		}
		return job.Status().Watermark >= 4999
	})
	job.Cancel()
	<-s.err
}

// Ensure that what leaves by a side output that nobody consumes is counted, and that
// a snapshot tells the graph.
func TestJob_Status(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	for i := range int64(10) {
		log.Append("a", rideAt(i, i%2, 5), i)
	}
	log.Seal()
	job := engine.NewJob(engine.Config{Name: "test", Parallelism: 2, Store: checkpoint.NewMemory(1)})
	in := engine.FromSource(job, "in", &enginetest.LogSource[ride]{Log: log}, enginetest.Watermarks[ride]())
	few := engine.Filter(in, "few", func(r *record) bool { return r.Value.ID >= 0 })
	unique, _, _ := engine.Distinct(engine.KeyBy(few, func(r *record) int64 { return r.Value.ID }, engine.Int64Codec{}), "once", func(*record) int64 { return 100 })
	engine.SinkTo(unique, "out", &enginetest.Collect[record]{})
	if err := run(t, job); err != nil {
		t.Fatal(err)
	}
	type sums struct{ in, out, dropped, entries int64 }
	want := map[string]sums{"in": {10, 10, 0, 0}, "few": {10, 10, 0, 0}, "once": {10, 2, 8, 0}, "out": {2, 2, 0, 0}}
	status := job.Status()
	for _, o := range status.Operators {
		var got sums
		for _, s := range o.Subtasks {
			got.in += s.In
			got.out += s.Out
			got.dropped += s.Dropped
			got.entries += s.StateEntries
			if s.Watermark != engine.MaxWatermark {
				t.Errorf("%s ends at %s", o.Name, engine.FormatTime(s.Watermark))
			}
		}
		if got != want[o.Name] {
			t.Errorf("%s counts %+v, want %+v", o.Name, got, want[o.Name])
		}
		if chained := o.Name == "few" || o.Name == "out"; o.Chained != chained {
			t.Errorf("%s chained: %v", o.Name, o.Chained)
		}
	}
	if s := status.Splits; len(s) != 1 || s[0].State != engine.SplitEnded || s[0].Elements != 10 {
		t.Errorf("splits %+v", s)
	}
}
