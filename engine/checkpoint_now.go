package engine

import (
	"context"
	"errors"
)

// Checkpoint takes a checkpoint out of turn and returns when one that began after
// the call is whole. By then every sink has confirmed what was read before the
// call, and the results of every window that ended by the watermark that Status
// had shown. It returns the error of a checkpoint that failed, ErrNotRunning or
// Run's error if the job ended before one was whole, or ctx's error.
func (j *Job) Checkpoint(ctx context.Context) error {
	j.mu.Lock()
	r, state := j.run, j.state
	j.mu.Unlock()
	if state != JobRunning && state != JobStopping {
		return ErrNotRunning
	}
	answer := r.coordinator.ask()
	r.requestCheckpoint()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-j.done:
	}
	select {
	case err := <-answer: // the last checkpoint of an orderly end counts
		return err
	default:
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	return ErrNotRunning
}

// ask adds somebody who waits for the next checkpoint.
func (c *coordinator) ask() <-chan error {
	answer := make(chan error, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, answer)
	return answer
}

// asked takes those who wait, before the barrier goes out that is theirs.
func (c *coordinator) asked() []chan error {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.waiting
	c.waiting = nil
	return all
}

// answer tells those who asked how their checkpoint went. One that was given up
// leaves them to the final checkpoint, or to the job's end.
func (c *coordinator) answer(asked []chan error, err error) {
	if errors.Is(err, errAbandoned) || err != nil && c.run.ctx.Err() != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.waiting = append(asked, c.waiting...)
		return
	}
	for _, a := range asked {
		a <- err
	}
}
