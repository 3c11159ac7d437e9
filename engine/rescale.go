package engine

import (
	"context"
	"errors"
	"fmt"

	"taxistream/engine/internal/runtime"
)

// rescale is a change of parallelism on its way. It is answered once.
type rescale struct {
	parallelism int
	answer      chan error
	err         error // what came of it, once its attempt is over
}

// Rescale changes Config.Parallelism of a running job: it takes a checkpoint behind which
// the attempt ends, and another one goes on from it with the key groups and splits dealt
// out anew. It returns when that has begun. If the checkpoint fails, the job goes on from
// the one before, as it was.
func (j *Job) Rescale(ctx context.Context, parallelism int) error {
	r, err := j.askRescale(parallelism)
	if err != nil || r == nil {
		return err
	}
	select {
	case err := <-r.answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-j.done:
		return j.notRunning()
	}
}

// askRescale ends the attempt for a rescale; nil: the job has that parallelism.
func (j *Job) askRescale(parallelism int) (*rescale, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.config.Store == nil:
		return nil, errors.New("rescale: the job keeps no checkpoints, so another parallelism could not go on from them")
	case parallelism < 1 || parallelism > j.config.MaxParallelism:
		return nil, fmt.Errorf("rescale: choose a parallelism of 1 to %d, the number of key groups, not %d", j.config.MaxParallelism, parallelism)
	case j.state != JobRunning || j.attempt == nil:
		return nil, ErrNotRunning
	case j.rescale != nil:
		return nil, fmt.Errorf("rescale: the job is being rescaled to %d", j.rescale.parallelism)
	case parallelism == j.config.Parallelism:
		return nil, nil
	}
	j.rescale = &rescale{parallelism: parallelism, answer: make(chan error, 1)}
	j.attempt.coordinator.Finish(false, false)
	return j.rescale, nil
}

// rescaled decides, when the attempt that a rescale ended is over, whether another goes on.
func (j *Job) rescaled(err error) (again bool) {
	r := j.rescale
	var final *runtime.FinalError
	switch {
	case err == nil:
		c := *j.config // the attempts before keep theirs
		c.Parallelism = r.parallelism
		j.config = &c
		j.config.Logger.Info("rescaling", "parallelism", r.parallelism)
	case errors.As(err, &final):
		j.config.Logger.Warn("rescaling failed, going on as before", "error", err)
	default:
		return false
	}
	r.err = err
	j.state = JobRestarting // and j.attempt stays: what was asked of it is asked of the next
	return true
}
