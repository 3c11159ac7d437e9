package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

// Job is a graph of operators and its life. Build the graph from one goroutine;
// the other methods are safe for many.
//
// Invariants: state moves forward only, except that a restart goes from running or
// stopping to restarting and back; attempt is the newest one that was compiled; done is closed once, with
// err in place.
type Job struct {
	plan   *plan
	config *Config
	tell   *teller

	mu       sync.Mutex
	state    JobState
	attempt  *attempt
	restarts restarts
	attempts int // begun
	cancel   context.CancelFunc
	end      endRequest
	saved    savedAtEnd
	rescale  *rescale // asked for, not done
	started  time.Time
	ended    time.Time
	done     chan struct{} // closed when Run returns
	err      error         // of Run
}

// endRequest is how a job was told to end in order.
type endRequest struct {
	asked, drain bool
	to           checkpoint.Place // a savepoint is made of the last checkpoint; nil: none
}

// NewJob starts an empty job. Faults of its config and plan are returned by Run.
func NewJob(c Config) *Job {
	c, err := c.withDefaults()
	j := &Job{config: &c, plan: &plan{name: c.Name, err: err}, state: JobCreated, done: make(chan struct{})}
	j.tell = &teller{config: j.config}
	return j
}

// Run compiles the graph, restores the newest checkpoint and runs until the
// bounded sources end or Stop or Drain complete (nil), ctx ends or Cancel is called
// (ErrCancelled), or something fails (*OperatorError for an operator's code) and
// Config.Restart gives up. It may be called once.
func (j *Job) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := j.begin(cancel); err != nil {
		return err
	}
	for {
		err := j.runAttempt(ctx)
		delay, again := j.next(ctx, err)
		if !again {
			return j.finish(ctx, err)
		}
		if err := j.config.wait(ctx, delay); err != nil {
			return j.finish(ctx, err)
		}
	}
}

func (j *Job) runAttempt(ctx context.Context) error {
	x, err := j.compile(ctx)
	if err != nil {
		return err
	}
	x.Run()
	return unwrapPanic(x.Close(nil)) // that of a hook or a store belongs to no operator
}

func (j *Job) begin(cancel context.CancelFunc) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.state != JobCreated {
		return errors.New("run job: it has run already, make another")
	}
	j.plan.sealed = true
	if err := j.plan.check(j.config); err != nil {
		j.state, j.err = JobFailed, err
		close(j.done)
		return err
	}
	j.state, j.cancel, j.started = JobRunning, cancel, j.config.Clock.Now()
	return nil
}

// compile makes the next attempt.
func (j *Job) compile(ctx context.Context) (*runtime.Execution, error) {
	j.mu.Lock()
	j.attempts++
	j.restarts.begun = lastOf(append(j.restarts.begun, j.config.Clock.Now()), keptTimes)
	j.mu.Unlock()
	a, err := compile(ctx, j.plan, j.config, j.tell)
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.rescale != nil && j.attempt != nil {
		a.over = j.attempt.over
		a.coordinator.Adopt(j.attempt.coordinator)
		for n, before := range j.attempt.counters {
			a.counters[n][0].takeOver(before)
		}
		j.rescale.answer <- j.rescale.err
		j.rescale = nil
	}
	j.attempt = a
	if j.end.asked {
		a.coordinator.Finish(j.end.drain, j.end.to != nil)
	}
	if j.state == JobRestarting {
		j.state = JobRunning
		if j.end.asked {
			j.state = JobStopping
		}
	}
	return a.x, nil
}

// finish ends the job with the error of its last attempt.
func (j *Job) finish(ctx context.Context, err error) error {
	if err == nil {
		j.saveEnd(ctx)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	echo := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if ctx.Err() != nil && (err == nil || echo) {
		err = ErrCancelled
	}
	if errors.Is(err, ErrFinished) && j.tell.drained {
		err = nil
	}
	switch {
	case err == nil:
		j.state = JobFinished
	case errors.Is(err, ErrCancelled):
		j.state = JobCancelled
	default:
		j.state = JobFailed
		err = fmt.Errorf("job %s: %w", j.config.Name, err)
	}
	j.err, j.ended = err, j.config.Clock.Now()
	close(j.done)
	return err
}

// Stop takes a last checkpoint and ends the job; another can go on from it. It
// returns when the job has ended, with Run's error, or when ctx ends: the job is
// then still stopping.
func (j *Job) Stop(ctx context.Context) error { return j.endBy(ctx, false) }

// Drain moves the watermark to MaxWatermark, so that every window fires, takes a
// last checkpoint marked finished and ends the job. It returns as Stop does.
func (j *Job) Drain(ctx context.Context) error { return j.endBy(ctx, true) }

func (j *Job) endBy(ctx context.Context, drain bool) error {
	return j.endAs(ctx, endRequest{drain: drain})
}

func (j *Job) endAs(ctx context.Context, r endRequest) error {
	if err := j.ask(r); err != nil {
		return err
	}
	select {
	case <-j.done:
		j.mu.Lock()
		defer j.mu.Unlock()
		return j.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errStopping: what the last checkpoint of a stop is like is decided when its barrier is sent.
var errStopping = errors.New("stop with a savepoint: the job is ending already, and its last checkpoint is under way: start again from that")

// ask requests an orderly end. The first request counts.
func (j *Job) ask(r endRequest) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.state.Live() {
		return ErrNotRunning
	}
	end := j.end
	if !end.asked {
		end = r
		end.asked = true
	}
	if end.to == nil {
		end.to = r.to
	}
	// An attempt that another follows leaves it to that.
	if j.attempt != nil && !j.attempt.coordinator.Finish(end.drain, end.to != nil) && j.rescale == nil && j.state != JobRestarting {
		return errStopping
	}
	j.end = end
	if j.state == JobRunning {
		j.state = JobStopping
	}
	return nil
}

// Cancel ends a running job at once, with no checkpoint.
func (j *Job) Cancel() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.cancel != nil {
		j.cancel()
	}
}

// Done is closed when Run has returned.
func (j *Job) Done() <-chan struct{} { return j.done }

// restarts is what a job's attempts came to. It belongs to the goroutine of Run.
type restarts struct {
	failures []time.Time // the newest at the end; begun alike
	begun    []time.Time
}

// keptTimes bounds restarts: what a strategy can know of.
const keptTimes = 1024

// next notes how an attempt ended and decides whether there is another.
func (j *Job) next(ctx context.Context, err error) (delay time.Duration, again bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if ctx.Err() != nil {
		return 0, false
	}
	if j.rescale != nil && j.rescaled(err) {
		return 0, true
	}
	if err == nil {
		return 0, false
	}
	now := j.config.Clock.Now()
	repeats := j.tell.failed(now, j.attempts, err)
	if hopeless(err) {
		return 0, false
	}
	r := &j.restarts
	r.failures = lastOf(append(r.failures, now), keptTimes)
	delay, again = j.config.Restart.next(r.failures, r.begun)
	if !again {
		return 0, false
	}
	j.leave(err)
	j.config.Logger.Warn("restarting", "attempt", j.attempts+1, "in", delay, "repeats", repeats, "error", err)
	return delay, true
}

// leave ends the newest attempt, which failed, for those who wait for it.
func (j *Job) leave(err error) {
	j.state = JobRestarting
	if j.attempt != nil {
		j.attempt.over.err = err
		close(j.attempt.over.closed)
		j.attempt = nil
	}
}

// hopeless: would another attempt fail in the same way for sure?
func hopeless(err error) bool {
	var fingerprint *FingerprintError
	var incompatible *IncompatibleError
	return errors.Is(err, ErrFinished) || errors.As(err, &fingerprint) || errors.As(err, &incompatible)
}
