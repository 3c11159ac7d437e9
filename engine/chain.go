package engine

import "time"

// input is an operator as the one before it in the chain sees it, or the writer
// of an exchange. It is driven by calls from its task's goroutine.
type input[T any] interface {
	elements(batch []Element[T]) error
	control
}

// control is what flows beside the elements, in order with them.
type control interface {
	watermark(w int64) error
	// barrier adds the operator's state to the task's snapshot and goes on.
	barrier(b *barrier) error
	// flush hands on what waits in batches that are not full.
	flush() error
	tick(now time.Time) error
	// committed tells that a checkpoint is whole.
	committed(id int64) error
	// end is the last call of a job that ends in order.
	end() error
}

// output is a collector, whatever its type.
type output interface {
	control
	// settle hands on what the operator emitted during a call.
	settle() error
}

// base is what all operators share: they forward control to what follows them.
type base struct {
	task *task
	node *node
	n    *counters
	outs []output // collectors, main output first
}

func newBase(t *taskBuild, n *node) base {
	return base{task: t.task, node: n, n: n.counters[t.subtask]}
}

// enter notes which operator runs, for panics and errors; leave puts back the one before.
func (b *base) enter() (before *node) {
	before = b.task.current
	b.task.current = b.node
	return before
}

func (b *base) leave(before *node) { b.task.current = before }

func (b *base) watermark(w int64) error {
	b.n.watermark.Store(w)
	return each(b.outs, func(c control) error { return c.watermark(w) })
}

func (b *base) barrier(bar *barrier) error {
	return each(b.outs, func(c control) error { return c.barrier(bar) })
}

func (b *base) flush() error { return each(b.outs, func(c control) error { return c.flush() }) }

func (b *base) tick(now time.Time) error {
	return each(b.outs, func(c control) error { return c.tick(now) })
}

func (b *base) committed(id int64) error {
	return each(b.outs, func(c control) error { return c.committed(id) })
}

func (b *base) end() error { return each(b.outs, func(c control) error { return c.end() }) }

// settle ends an operator's call: everything it emitted goes on.
func (b *base) settle() error {
	for _, c := range b.outs {
		if err := c.settle(); err != nil {
			return err
		}
	}
	return nil
}

func each(outs []output, call func(control) error) error {
	for _, c := range outs {
		if err := call(c); err != nil {
			return err
		}
	}
	return nil
}
