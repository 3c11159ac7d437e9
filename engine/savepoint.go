package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

// SavepointStatus is a savepoint that was written.
type SavepointStatus struct {
	ID       int64 // among the job's checkpoints
	Bytes    int64
	Duration time.Duration
}

// savedAtEnd is what came of the savepoint that a job was stopped with.
type savedAtEnd struct {
	savepoint SavepointStatus
	err       error
}

// Savepoint writes a savepoint to a place of its own: a checkpoint that is whole in
// itself, that no store retires, and that a job with other operators, parallelism or state
// backend can start from (Config.Savepoint). The job goes on; sinks publish nothing
// because of it. It returns when the savepoint is whole or has failed, which fails nothing
// else; ErrNotRunning or what ended the job; or ctx's error, and the savepoint may still
// become whole.
func (j *Job) Savepoint(ctx context.Context, to checkpoint.Place) (SavepointStatus, error) {
	j.mu.Lock()
	a := j.asked()
	if a == nil {
		j.mu.Unlock()
		return SavepointStatus{}, j.notRunning()
	}
	s := a.coordinator.Savepoint(to)
	j.mu.Unlock()
	if err := answered(ctx, j, a, s.Ended); err != nil {
		return SavepointStatus{}, err
	}
	return SavepointStatus{ID: s.ID, Bytes: s.Bytes, Duration: s.Duration}, nil
}

// StopWithSavepoint ends the job as Stop does, or Drain, and makes a savepoint of its last
// checkpoint. If only that fails, the job has ended all the same, and its last checkpoint
// is in its store.
func (j *Job) StopWithSavepoint(ctx context.Context, to checkpoint.Place, drain bool) (SavepointStatus, error) {
	if j.config.Store == nil {
		return SavepointStatus{}, errors.New("stop with a savepoint: the job keeps no checkpoints")
	}
	if err := j.endAs(ctx, endRequest{drain: drain, to: to}); err != nil {
		return SavepointStatus{}, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.end.to != to {
		return SavepointStatus{}, errors.New("stop with a savepoint: the job was being stopped with another savepoint already")
	}
	return j.saved.savepoint, j.saved.err
}

// saveEnd makes the savepoint that the job was stopped with, before its store may be closed.
func (j *Job) saveEnd(ctx context.Context) {
	j.mu.Lock()
	to := j.end.to
	j.mu.Unlock()
	if to == nil {
		return
	}
	var s SavepointStatus
	err := runtime.Contain(func() (err error) {
		s, err = j.copyLast(ctx, to)
		return err
	})
	err = unwrapPanic(err)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.saved = savedAtEnd{s, err}
}

func (j *Job) copyLast(ctx context.Context, to checkpoint.Place) (s SavepointStatus, err error) {
	began := j.config.Clock.Now()
	c, _, err := j.config.Store.Latest(ctx)
	if err != nil {
		return s, fmt.Errorf("the job has stopped, but its last checkpoint cannot be read: %w", err)
	}
	bytes, err := checkpoint.Copy(ctx, c, to)
	if err != nil {
		return s, fmt.Errorf("the job has stopped with checkpoint %d, but the savepoint cannot be written: %w", c.ID, err)
	}
	return SavepointStatus{ID: c.ID, Bytes: bytes, Duration: j.config.Clock.Now().Sub(began)}, nil
}
