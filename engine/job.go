package engine

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Job is a graph of operators and its one run. Build the graph from one goroutine;
// the other methods are safe for many.
type Job struct {
	config  Config
	nodes   []*node
	heads   []head      // of exchanges, in the order of the plan
	sources []anySource // heads too
	planErr error

	mu      sync.Mutex
	state   JobState
	run     *run
	started time.Time
	done    chan struct{} // closed when Run returns
	err     error         // of Run
}

// NewJob starts an empty job. Faults of its config and plan are returned by Run.
func NewJob(c Config) *Job {
	j := &Job{state: JobCreated, done: make(chan struct{})}
	j.config, j.planErr = c.withDefaults()
	return j
}

// Run compiles the graph, restores the newest checkpoint and runs until the
// bounded sources end or Stop or Drain complete (nil), ctx ends or Cancel is called
// (ErrCancelled), or something fails (*OperatorError for an operator's code). It
// may be called once.
func (j *Job) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, err := j.begin(ctx, cancel)
	if err != nil {
		return err
	}
	err = r.execute()
	j.finish(err)
	return err
}

func (j *Job) begin(ctx context.Context, cancel context.CancelFunc) (*run, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.state != JobCreated:
		return nil, errors.New("run job: it has run already, make another")
	case j.planErr != nil:
	case len(j.sources) == 0:
		j.fail("it has no source")
	}
	if j.planErr != nil {
		j.state, j.err = JobFailed, j.planErr
		close(j.done)
		return nil, j.planErr
	}
	j.state = JobRunning
	j.started = j.config.Clock.Now()
	j.run = newRun(ctx, cancel, j)
	return j.run, nil
}

func (j *Job) finish(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case err == nil:
		j.state = JobFinished
	case errors.Is(err, ErrCancelled):
		j.state = JobCancelled
	default:
		j.state = JobFailed
	}
	j.err = err
	close(j.done)
}

// Stop takes a last checkpoint and ends the job; another can go on from it. It
// returns when the job has ended, with Run's error, or when ctx ends: the job is
// then still stopping.
func (j *Job) Stop(ctx context.Context) error { return j.end(ctx, false) }

// Drain moves the watermark to MaxWatermark, so that every window fires, takes a
// last checkpoint marked finished and ends the job. It returns as Stop does.
func (j *Job) Drain(ctx context.Context) error { return j.end(ctx, true) }

func (j *Job) end(ctx context.Context, drain bool) error {
	j.mu.Lock()
	r := j.run
	switch j.state {
	case JobRunning:
		j.state = JobStopping
	case JobStopping:
	default:
		j.mu.Unlock()
		return ErrNotRunning
	}
	j.mu.Unlock()
	r.requestFinal(drain)
	select {
	case <-j.done:
		j.mu.Lock()
		defer j.mu.Unlock()
		return j.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Cancel ends a running job at once, with no checkpoint.
func (j *Job) Cancel() {
	j.mu.Lock()
	r := j.run
	j.mu.Unlock()
	if r != nil {
		r.cancel()
	}
}

// Done is closed when Run has returned.
func (j *Job) Done() <-chan struct{} { return j.done }

// Status is the state of the job now.
func (j *Job) Status() Snapshot {
	j.mu.Lock()
	s := Snapshot{Name: j.config.Name, State: j.state, Parallelism: j.config.Parallelism, Started: j.started, Watermark: NoWatermark}
	r := j.run
	j.mu.Unlock()
	if r != nil {
		r.status(&s)
	}
	return s
}
