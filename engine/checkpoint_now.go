package engine

import (
	"cmp"
	"context"
)

// Checkpoint takes a checkpoint out of turn and returns when one that began after
// the call is whole. By then every sink has confirmed what was read before the
// call, and the results of every window that ended by the watermark that Status
// had shown. It returns the error of a checkpoint that failed, ErrNotRunning or
// Run's error if the job ended before one was whole, what failed if it begins again, or
// ctx's error.
func (j *Job) Checkpoint(ctx context.Context) error {
	j.mu.Lock()
	a, state := j.attempt, j.state
	j.mu.Unlock()
	if a == nil || state != JobRunning && state != JobStopping {
		return j.notRunning()
	}
	answer := a.coordinator.Ask()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-a.over:
		return a.err
	case <-j.done:
	}
	select {
	case err := <-answer: // the last checkpoint of an orderly end counts
		return err
	default:
	}
	return j.notRunning()
}

// notRunning is what ended the job; ErrNotRunning before its start and after an orderly end.
func (j *Job) notRunning() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return cmp.Or(j.err, ErrNotRunning)
}
