package engine

import (
	"sync"

	"taxistream/engine/internal/runtime"
)

// teller outlives a job's attempts: it numbers checkpoints, counts how they ended, keeps
// what failed, and tells the hooks.
//
// Invariants: lastID is at least the id of every checkpoint that was begun or found, so no
// id is used twice; it is written by whoever compiles an attempt, then by the attempt's
// coordinator. The rest is under mu.
type teller struct {
	config *Config
	lastID int64
	// drained: a barrier that ends a drain was sent. If its checkpoint is the newest one after a
	// failure, the job is at its end all the same.
	drained bool

	mu          sync.Mutex
	checkpoints CheckpointStatus
	failures    []Failure
}

func (t *teller) restored(e RestoreEvent) {
	t.mu.Lock()
	t.checkpoints.RestoredID = e.ID
	t.mu.Unlock()
	if hook := t.config.Hooks.OnRestore; hook != nil {
		hook(e)
	}
}

func (t *teller) checkpoint(c runtime.Checkpoint) {
	t.mu.Lock()
	s := &t.checkpoints
	if c.Err == nil {
		s.LastID, s.LastBytes, s.LastDuration, s.LastTime = c.ID, c.Bytes, c.Duration, c.Started
		s.Completed++
		s.FailedInRow = 0
	} else {
		s.Failed++
		s.FailedInRow++
		s.LastError = c.Err.Error()
	}
	t.mu.Unlock()
	if c.Err != nil {
		t.config.Logger.Warn("checkpoint failed", "checkpoint", c.ID, "error", c.Err)
	}
	if hook := t.config.Hooks.OnCheckpoint; hook != nil {
		hook(CheckpointEvent{ID: c.ID, Duration: c.Duration, Bytes: c.Bytes, Final: c.Final, Err: c.Err})
	}
}
