package engine_test

import (
	"errors"
	"testing"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// Ensure the status tells of the newest checkpoints and savepoints, whole or not, what each task did for
// them, and of not more than so many.
func TestJob_CheckpointHistory(t *testing.T) {
	log := enginetest.NewLog[ride]("a", "b", "c")
	store := &failing{Store: checkpoint.NewMemory(1)}
	s := start(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{Name: "test", Parallelism: 2, Store: store, TolerableFailedCheckpoints: 9}))
	wait(t, "it runs", func() bool { return s.job.Status().State == engine.JobRunning })
	fill(log, 0, 100)
	log.WatermarkAll(size/2 - 1)
	wait(t, "all is read", func() bool { return s.job.Status().Watermark == size/2-1 })
	store.fails.Store(true)
	if err := s.job.Checkpoint(t.Context()); !errors.Is(err, errFull) {
		t.Fatal(err)
	}
	store.fails.Store(false)
	if err := s.job.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	saved, err := s.job.Savepoint(t.Context(), checkpoint.NewSavepoint(t.TempDir()+"/savepoint"))
	if err != nil {
		t.Fatal(err)
	}
	c := s.job.Status().Checkpoints
	if len(c.History) != 3 || len(c.Figures) != 2 || c.Current != nil {
		t.Fatalf("%d are told, %d are whole, on the way is %v", len(c.History), len(c.Figures), c.Current)
	}
	failed, whole, savepoint := c.History[0], c.History[1], c.History[2]
	if !errors.Is(failed.Err, errFull) || failed.Savepoint || whole.Err != nil || whole.Savepoint || !savepoint.Savepoint || savepoint.ID != saved.ID {
		t.Errorf("told are %+v, %+v and %+v", failed, whole, savepoint)
	}
	holdsParts(t, whole)
	for range 50 {
		if err := s.job.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c = s.job.Status().Checkpoints
	if n := len(c.History); n != 20 || c.History[n-1].ID != c.LastID || len(c.Figures) != 52 {
		t.Errorf("after 50 more %d are told, up to %d of %d, and %d figures", n, c.History[n-1].ID, c.LastID, len(c.Figures))
	}
	if err := s.job.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	status := s.job.Status()
	if h := status.Checkpoints.History; !h[len(h)-1].Final {
		t.Errorf("the last is %+v", h[len(h)-1])
	}
	if status.Ended.Before(status.Began) || status.Began.Before(status.Started) || status.Started.IsZero() {
		t.Errorf("started %v, began %v, ended %v", status.Started, status.Began, status.Ended)
	}
}

// holdsParts holds a checkpoint's sums to its tasks'.
func holdsParts(t *testing.T, c *engine.CheckpointRecord) {
	t.Helper()
	if len(c.Tasks) != c.Expected || c.Acknowledged != c.Expected || c.Bytes == 0 {
		t.Errorf("%d of %d tasks answered, %d bytes", len(c.Tasks), c.Expected, c.Bytes)
	}
	var bytes, written int64
	for _, task := range c.Tasks {
		bytes, written = bytes+task.Bytes, written+task.NewBytes
		var operators int64
		for _, o := range task.Operators {
			operators += o.Bytes
		}
		if operators != task.Bytes || task.NewBytes > task.Bytes {
			t.Errorf("%s %d: %d bytes, %d of them new, its operators %d", task.Operator, task.Subtask, task.Bytes, task.NewBytes, operators)
		}
		if task.StartDelay < 0 || task.Alignment < 0 || task.Sync < 0 || task.Async < 0 || task.Acknowledged.Before(c.Started) {
			t.Errorf("%s %d: %+v", task.Operator, task.Subtask, task)
		}
	}
	if bytes != c.Bytes || written != c.NewBytes {
		t.Errorf("%d bytes, %d of them new; the tasks have %d and %d", c.Bytes, c.NewBytes, bytes, written)
	}
}
