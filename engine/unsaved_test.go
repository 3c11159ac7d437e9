package engine_test

import (
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// Ensure that an element and a watermark each call for a checkpoint, behind which nothing
// is unsaved, and that one asked for is taken all the same.
func TestJob_Unsaved(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
	s := start(t, r.job(engine.Config{
		Name: "test", Store: checkpoint.NewMemory(1), CheckpointInterval: 5 * time.Millisecond, TickInterval: time.Millisecond,
	}))
	saved := func(what string) (last int64) {
		t.Helper()
		wait(t, what, func() bool {
			c := s.job.Status().Checkpoints
			last = c.LastID
			return c.Completed > 0 && c.Unsaved.IsZero()
		})
		return last
	}
	before := saved("the first checkpoint is whole")
	for _, change := range []func(){
		func() { log.Append("a", rideAt(1, 1, 1), 1) },
		func() { log.WatermarkAll(size - 1) },
	} {
		change()
		wait(t, "the change is saved", func() bool { return s.job.Status().Checkpoints.LastID > before })
		before = saved("nothing is left")
	}
	if err := s.job.Checkpoint(t.Context()); err != nil || s.job.Status().Checkpoints.LastID <= before {
		t.Errorf("one asked for: %v, last %d", err, s.job.Status().Checkpoints.LastID)
	}
	if err := s.job.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}
