package engine_test

import (
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/enginetest"
)

// Ensure, on a clock that only work moves, that what the time goes to is told: a sink that
// takes half of all time is busy, what is before it is at work or kept waiting, half each; a source
// without data is idle.
func TestTimes(t *testing.T) {
	const work = 10 * time.Millisecond
	clock := engine.NewManualClock(time.UnixMilli(0))
	log := enginetest.NewLog[ride]("a")
	job := engine.NewJob(engine.Config{Name: "test", Clock: clock, BatchSize: 1, ChannelCapacity: 2, DiscoverInterval: time.Hour, TickInterval: time.Hour})
	in := engine.FromSource(job, "rides", &enginetest.LogSource[ride]{Log: log}, enginetest.Watermarks[ride]())
	worked := engine.Map(in, "work", func(r *record) record { clock.Advance(work); return *r })
	byID := engine.KeyBy(worked, func(r *record) int64 { return r.Value.ID }, int64Codec{})
	unique, _, _ := engine.Distinct(byID, "unique", func(*record) int64 { return size })
	sink := &enginetest.Collect[record]{OnWrite: func(batch []engine.Element[record]) error {
		clock.Advance(time.Duration(len(batch)) * work)
		return nil
	}}
	engine.SinkTo(unique, "out", sink)
	d, err := enginetest.Drive(t.Context(), job, clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	subtask := func(operator string) engine.SubtaskStatus {
		for _, o := range job.Status().Operators {
			if o.Name == operator {
				return o.Subtasks[0]
			}
		}
		t.Fatalf("there is no operator %s", operator)
		return engine.SubtaskStatus{}
	}
	for i := range 1000 {
		log.Append("a", rideAt(5, int64(i), 10), 5)
	}
	if err := d.Run(); err != nil {
		t.Fatal(err)
	}
	near := func(what string, share, low, high float64) {
		t.Helper()
		if share < low || share > high {
			t.Errorf("%s: %.2f of the time, want %.2f to %.2f", what, share, low, high)
		}
	}
	source, out := subtask("rides"), subtask("out")
	all := float64(clock.Now().UnixMilli()) / 1000
	near("the sink busy", out.Busy.Seconds()/all, 0.9, 1)
	near("the source's task busy", source.Busy.Seconds()/all, 0.4, 0.6)
	near("the source's task backpressured", source.Backpressured.Seconds()/all, 0.4, 0.6)
	near("the same, of the last second", source.BackpressuredShare, 0.4, 0.6)
	if sum := source.Busy + source.Backpressured + source.Idle; sum.Seconds() != all || subtask("work").Busy != source.Busy {
		t.Errorf("the times add up to %v of %vs", sum, all)
	}
	for range 100 {
		clock.Advance(time.Second / 10)
		if err := d.Run(); err != nil {
			t.Fatal(err)
		}
	}
	source = subtask("rides")
	near("the empty source idle", source.IdleShare, 0.9, 1)
	near("the sink idle", subtask("out").IdleShare, 0.9, 1)
	if source.Backpressured.Seconds()/all > 0.6 {
		t.Errorf("idle time counts as backpressured: %v", source.Backpressured)
	}
}
