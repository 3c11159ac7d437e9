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
	a := j.asked()
	if a == nil {
		j.mu.Unlock()
		return j.notRunning()
	}
	answer := a.coordinator.Ask()
	j.mu.Unlock()
	return answered(ctx, j, a, answer)
}

// asked is the attempt that can be asked for something; nil: the job does not run. What is
// asked under the same lock is asked of the next one, if this one ends by a rescale.
func (j *Job) asked() *attempt {
	if j.state == JobRunning || j.state == JobStopping || j.state == JobRestarting {
		return j.attempt
	}
	return nil
}

// answered waits for an answer, or for what makes it impossible. An orderly end may have given one.
func answered(ctx context.Context, j *Job, a *attempt, answer <-chan error) error {
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-a.over.closed:
	case <-j.done:
	}
	select {
	case err := <-answer:
		return err
	default:
	}
	if isClosed(a.over.closed) {
		return a.over.err
	}
	return j.notRunning()
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// notRunning is what ended the job; ErrNotRunning before its start and after an orderly end.
func (j *Job) notRunning() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return cmp.Or(j.err, ErrNotRunning)
}
