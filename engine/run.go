package engine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"taxistream/engine/checkpoint"
)

// run is what a job has while it runs.
type run struct {
	job    *Job
	config Config
	ctx    context.Context //nolint:containedctx // a run is the life of this context
	cancel context.CancelFunc

	from        *checkpoint.Checkpoint // nil: a fresh start
	tasks       []*task
	workers     []worker // by task
	closers     []interface{ close() error }
	coordinator *coordinator
	built       atomic.Bool // tasks and counters may be read by Status

	acks      chan ack
	early     chan struct{} // one token: take a checkpoint now
	finals    chan bool     // drain?
	finalOnce sync.Once
	finalDone chan struct{} // closed when the final checkpoint is whole
	completed atomic.Int64  // id of the newest whole checkpoint

	sourcesLeft atomic.Int64
	reading     context.Context //nolint:containedctx // of readers and enumerators, which end before the run
	stopReading context.CancelFunc
	readers     sync.WaitGroup

	driver *Driver // nil: tasks and readers have goroutines

	failure sync.Mutex
	err     error
}

func newRun(ctx context.Context, cancel context.CancelFunc, j *Job) *run {
	r := &run{
		job: j, config: j.config, ctx: ctx, cancel: cancel,
		early: make(chan struct{}, 1), finals: make(chan bool, 1), finalDone: make(chan struct{}),
	}
	r.reading, r.stopReading = context.WithCancel(ctx)
	r.coordinator = &coordinator{run: r}
	return r
}

// execute lives as long as the job: every goroutine that it starts has ended when
// it returns.
func (r *run) execute() error {
	defer r.stopReading()
	if err := r.begin(); err != nil {
		r.cancel()
		r.stopReading()
		r.readers.Wait()
		return r.result(r.close(err))
	}
	var tasks, others sync.WaitGroup
	for i, t := range r.tasks {
		tasks.Go(func() {
			if err := t.work(func() error {
				if err := r.workers[i].loop(); err != nil {
					return err
				}
				return t.last()
			}); err != nil {
				r.fail(err)
			}
		})
	}
	for _, s := range r.job.sources {
		others.Go(func() { s.discover(r.reading) })
	}
	others.Go(r.coordinator.loop)
	tasks.Wait()
	r.stopReading()
	others.Wait()
	r.readers.Wait()
	return r.result(r.close(nil))
}

// begin restores, makes the tasks and opens the sources.
func (r *run) begin() error {
	if err := r.restore(); err != nil {
		return err
	}
	p := r.config.Parallelism
	for _, n := range r.job.nodes {
		for range p {
			n.counters = append(n.counters, newCounters())
		}
	}
	var heads []head
	for _, s := range r.job.sources {
		heads = append(heads, s)
	}
	heads = append(heads, r.job.heads...)
	for _, h := range heads {
		h.prepare(r)
	}
	for _, h := range heads {
		for subtask := range p {
			if err := r.addTask(h, subtask); err != nil {
				return err
			}
		}
	}
	r.acks = make(chan ack, len(r.tasks))
	r.sourcesLeft.Store(int64(len(r.job.sources)))
	for _, s := range r.job.sources {
		if err := s.start(r.reading); err != nil {
			return err
		}
	}
	r.built.Store(true)
	return nil
}

func (r *run) addTask(h head, subtask int) error {
	t := &task{run: r, ctx: r.ctx, head: h.headNode(), current: h.headNode(), subtask: subtask, notify: make(chan struct{}, 1)}
	w, err := h.build(&taskBuild{run: r, task: t, subtask: subtask})
	if err != nil {
		return err
	}
	r.tasks = append(r.tasks, t)
	r.workers = append(r.workers, w)
	return nil
}

// opened notes something to close at the end of the run.
func (r *run) opened(c interface{ close() error }) { r.closers = append(r.closers, c) }

// close closes what was opened, the last first, and returns err or else the first fault.
func (r *run) close(err error) error {
	for i := len(r.closers) - 1; i >= 0; i-- {
		if closeErr := r.closers[i].close(); closeErr != nil && err == nil {
			err = closeErr
		}
	}
	return err
}

// fail ends the job with its first failure. What fails after the end began is a
// consequence.
func (r *run) fail(err error) {
	r.failure.Lock()
	defer r.failure.Unlock()
	if r.err == nil && r.ctx.Err() == nil {
		r.err = err
	}
	r.cancel()
}

// result is what Run returns, given the error of beginning or closing.
func (r *run) result(err error) error {
	r.failure.Lock()
	defer r.failure.Unlock()
	name := fmt.Sprintf("job %s: ", r.config.Name)
	switch {
	case r.err != nil:
		return fmt.Errorf("%s%w", name, r.err)
	case err != nil && !r.cancelled(err):
		return fmt.Errorf("%s%w", name, err)
	case r.ctx.Err() != nil:
		return ErrCancelled
	}
	return nil
}

// goRead runs a split's reader until it ends; its error is the job's.
func (r *run) goRead(read func() error) {
	r.readers.Go(func() {
		if err := read(); err != nil {
			r.fail(err)
		}
	})
}

// requestFinal asks for the end of the job, once.
func (r *run) requestFinal(drain bool) { r.finalOnce.Do(func() { r.finals <- drain }) }

// requestCheckpoint asks for a checkpoint before its time.
func (r *run) requestCheckpoint() { token(r.early) }

// sourceFinished drains the job when the last bounded source has ended.
func (r *run) sourceFinished() {
	if r.sourcesLeft.Add(-1) == 0 {
		r.requestFinal(true)
	}
}
