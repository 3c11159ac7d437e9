package engine

import (
	"context"
	"errors"
	"time"
)

// Driver runs a job by calls, in the caller's goroutine: the same operators,
// channels, barriers and clock as Run, with the schedule chosen by the caller. The same
// choices give the same run, step by step. It serves tests and simulations; its
// channels must be wide enough (Config.ChannelCapacity) for what one step emits.
type Driver struct {
	run     *run
	pick    func(n int) int
	readers []drivenReader
	ended   []bool // by task
	err     error
	over    bool
}

// drivenReader is a fetcher whatever its T.
type drivenReader interface {
	driven(ctx context.Context) (ended bool, err error)
	close() error
}

// Drive starts a job under a driver instead of Run. pick(n) chooses one of n tasks
// that may have something to do; nil: in turn.
func Drive(ctx context.Context, job *Job, pick func(n int) int) (*Driver, error) {
	ctx, cancel := context.WithCancel(ctx)
	r, err := job.begin(ctx, cancel)
	if err != nil {
		cancel()
		return nil, err
	}
	d := &Driver{run: r, pick: pick}
	if d.pick == nil {
		turn := 0
		d.pick = func(n int) int { turn++; return turn % n }
	}
	r.driver = d
	if err := r.begin(); err != nil {
		d.err = err
		return nil, d.Close()
	}
	d.ended = make([]bool, len(r.tasks))
	for i := range r.tasks {
		d.keep(d.guard(i, func() error { return d.first(i) }))
	}
	return d, d.err
}

// first does what a loop does before its first turn.
func (d *Driver) first(i int) error {
	if s, ok := d.run.workers[i].(interface{ advance() error }); ok {
		return s.advance()
	}
	return nil
}

// guard calls f in the name of a task.
func (d *Driver) guard(i int, f func() error) error { return d.run.tasks[i].work(f) }

func (d *Driver) keep(err error) {
	if err != nil && d.err == nil {
		d.err = err
	}
}

// Read lets every open split be read once and sees to the splits that ended.
func (d *Driver) Read() error {
	if d.err != nil {
		return d.err
	}
	readers := d.readers
	d.readers = nil
	for i, r := range readers {
		ended, err := r.driven(d.run.reading)
		if err != nil {
			d.readers = append(d.readers, readers[i:]...)
			d.keep(err)
			return d.err
		}
		if !ended {
			d.readers = append(d.readers, r)
		}
	}
	return nil
}

// Settle lets the tasks work until none has anything to do.
func (d *Driver) Settle() error {
	d.settle()
	return d.err
}

func (d *Driver) settle() {
	for moved := true; moved && d.err == nil; {
		moved = d.turn()
		for _, s := range d.run.job.sources {
			moved = s.look(d.run.reading) || moved
		}
		select {
		case <-d.run.finals: // the end of bounded sources: the caller decides when to drain
		default:
		}
	}
}

// turn lets tasks work in the chosen order until one did something; if none does,
// their partial batches go on. It reports whether anything moved.
func (d *Driver) turn() bool {
	left := make([]int, 0, len(d.ended))
	for i, ended := range d.ended {
		if !ended {
			left = append(left, i)
		}
	}
	idle := left
	for len(left) > 0 && d.err == nil {
		n := d.pick(len(left))
		i := left[n]
		left = append(append([]int(nil), left[:n]...), left[n+1:]...)
		var did bool
		d.keep(d.guard(i, func() (err error) {
			did, d.ended[i], err = d.run.workers[i].step()
			return err
		}))
		if did {
			return true
		}
	}
	flushed := false
	for _, i := range idle {
		before := d.queued()
		d.keep(d.guard(i, d.run.tasks[i].first.flush))
		flushed = flushed || d.queued() != before
	}
	return flushed
}

// queued is how much waits in all channels.
func (d *Driver) queued() (sum float64) {
	for _, n := range d.run.job.nodes {
		for _, c := range n.counters {
			if c.fill != nil {
				sum += c.fill()
			}
		}
	}
	return sum
}

// Tick passes processing time to generators and sinks.
func (d *Driver) Tick(now time.Time) error {
	for i, w := range d.run.workers {
		if !d.ended[i] {
			d.keep(d.guard(i, func() error { return w.onTick(now) }))
		}
	}
	return d.Settle()
}

// Checkpoint takes one; its own failure is in the job's Status.
func (d *Driver) Checkpoint() error {
	c := d.run.coordinator
	c.take(&barrier{id: c.nextID()})
	return d.commit()
}

func (d *Driver) commit() error {
	for i, t := range d.run.tasks {
		d.keep(d.guard(i, t.commit))
	}
	return d.Settle()
}

// Drain ends the job as Job.Drain does, Stop as Job.Stop. Close follows.
func (d *Driver) Drain() error { return d.finish(true) }

// Stop ends the job with a last checkpoint.
func (d *Driver) Stop() error { return d.finish(false) }

func (d *Driver) finish(drain bool) error {
	c := d.run.coordinator
	if c.take(&barrier{id: c.nextID(), final: true, finished: drain}) {
		d.over = true
		return d.commit()
	}
	if d.err == nil {
		d.err = errors.New(c.status().LastError)
	}
	return d.err
}

// Close frees everything and returns what the job ended with: nil after Drain and
// Stop, ErrCancelled otherwise, or its failure.
func (d *Driver) Close() error {
	err := d.err
	for _, r := range d.readers {
		if closeErr := r.close(); err == nil {
			err = closeErr
		}
	}
	err = d.run.close(err)
	if err == nil && !d.over {
		err = ErrCancelled
	}
	d.run.stopReading()
	d.run.cancel()
	d.run.job.finish(err)
	return err
}
