package engine

import (
	"errors"
	"sync"
	"time"

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
	// begun: there was an attempt, before which found was the highest id in the store and of the savepoint. What is higher
	// the job has written itself.
	begun bool
	found int64
	// drained: a barrier that ends a drain was sent. If its checkpoint is the newest one after a
	// failure, the job is at its end all the same.
	drained bool

	mu          sync.Mutex
	checkpoints CheckpointStatus
	failures    []Failure
}

func (t *teller) restored(e RestoreEvent) {
	t.mu.Lock()
	t.checkpoints.RestoredID, t.checkpoints.RestoredSavepoint = e.ID, e.Savepoint
	t.checkpoints.RestoredAt = t.config.Clock.Now()
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

// keptFailures bounds Snapshot.Failures.
const keptFailures = 32

// failed keeps a failure and counts those like it just before.
func (t *teller) failed(at time.Time, attempt int, err error) (repeats int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.failures); n > 0 && alike(t.failures[n-1].Err, err) {
		repeats = t.failures[n-1].Repeats + 1
	}
	f := Failure{Time: at, Attempt: attempt, Err: err, Repeats: repeats}
	t.failures = lastOf(append(t.failures, f), keptFailures)
	return repeats
}

// alike tells whether two failures are one that repeats itself.
func alike(a, b error) bool {
	var x, y *OperatorError
	if errors.As(a, &x) && errors.As(b, &y) && (x.Element != "" || y.Element != "") {
		return x.Operator == y.Operator && x.Split == y.Split && string(x.Offset) == string(y.Offset) && x.Element == y.Element
	}
	return a.Error() == b.Error()
}

// status fills in what all attempts came to.
func (t *teller) status(s *Snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Checkpoints = t.checkpoints
	s.Checkpoints.History = lastOf(s.Checkpoints.History, keptCheckpoints)
	s.Checkpoints.Figures = lastOf(s.Checkpoints.Figures, keptFigures)
	switch c := s.Checkpoints.Current; {
	case c == nil:
	case s.State == JobRunning || s.State == JobStopping:
		own := *c
		s.Checkpoints.Current = &own
	default: // it went with its attempt
		s.Checkpoints.Current = nil
	}
	s.Failures = append([]Failure(nil), t.failures...)
}

func lastOf[T any](s []T, n int) []T {
	if len(s) > n {
		return s[len(s)-n:]
	}
	return s
}
