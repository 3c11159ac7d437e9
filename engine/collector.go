package engine

import (
	"fmt"
	"time"
)

// Collector takes what an operator emits and hands it on in batches. It belongs
// to the operator's goroutine.
type Collector[R any] struct {
	buffer []Element[R]
	outs   []input[R]
	n      *counters
	side   bool
	err    error // of what follows, kept for the operator's return
}

// Emit hands on one element.
func (c *Collector[R]) Emit(value R, eventTime int64) {
	e := c.next()
	e.Value = value
	e.EventTime = eventTime
}

// Slot appends a zero element and returns it to be filled in place, valid until
// the next call of the collector. It saves a copy where values are large.
func (c *Collector[R]) Slot() *Element[R] {
	e := c.next()
	*e = Element[R]{}
	return e
}

// next is the place of the next element, which holds what was there before.
func (c *Collector[R]) next() *Element[R] {
	n := len(c.buffer)
	if n == cap(c.buffer) {
		c.hand()
		n = 0
	}
	c.buffer = c.buffer[:n+1]
	return &c.buffer[n]
}

// EmitElement hands on a copy of an element.
func (c *Collector[R]) EmitElement(e *Element[R]) { *c.next() = *e }

// hand passes the buffered elements to all consumers.
func (c *Collector[R]) hand() {
	if len(c.buffer) == 0 {
		return
	}
	switch {
	case c.side && len(c.outs) == 0:
		c.n.dropped.Add(int64(len(c.buffer)))
	default:
		c.n.out.Add(int64(len(c.buffer)))
	}
	c.forward(c.buffer)
	c.buffer = c.buffer[:0]
}

// pass hands on a whole batch of the operator's own, uncopied.
func (c *Collector[R]) pass(batch []Element[R]) {
	if len(batch) > 0 {
		c.n.out.Add(int64(len(batch)))
		c.forward(batch)
	}
}

// forward passes a batch on as it is.
func (c *Collector[R]) forward(batch []Element[R]) {
	for _, out := range c.outs {
		if c.err != nil {
			return
		}
		c.err = out.elements(batch)
	}
}

// settle hands on the rest of a call's elements and gives the error of any of them.
func (c *Collector[R]) settle() error {
	c.hand()
	return c.err
}

func (c *Collector[R]) controls(call func(control) error) error {
	if err := c.settle(); err != nil {
		return err
	}
	for _, out := range c.outs {
		if err := call(out); err != nil {
			return err
		}
	}
	return nil
}

func (c *Collector[R]) watermark(w int64) error {
	return c.controls(func(o control) error { return o.watermark(w) })
}

func (c *Collector[R]) barrier(b *barrier) error {
	return c.controls(func(o control) error { return o.barrier(b) })
}

func (c *Collector[R]) tick(now time.Time) error {
	return c.controls(func(o control) error { return o.tick(now) })
}

func (c *Collector[R]) committed(id int64) error {
	return c.controls(func(o control) error { return o.committed(id) })
}
func (c *Collector[R]) flush() error { return c.controls(control.flush) }
func (c *Collector[R]) end() error   { return c.controls(control.end) }

// build makes the collector of a stream and, behind it, the chain of its consumers.
func (s *Stream[T]) build(t *taskBuild, b *base) (*Collector[T], error) {
	c := &Collector[T]{buffer: make([]Element[T], 0, t.run.config.BatchSize), n: b.n}
	for _, e := range s.edges {
		out, err := e.connect(t)
		if err != nil {
			return nil, err
		}
		c.outs = append(c.outs, out)
	}
	b.outs = append(b.outs, c)
	return c, nil
}

// buildSide is a side stream's collector, for SideCollector.
func (s *Stream[T]) buildSide(t *taskBuild, b *base) (any, error) {
	c, err := s.build(t, b)
	if err != nil {
		return nil, err
	}
	c.side = true
	return c, nil
}

// sideBuilder is a Stream[R] whatever its R.
type sideBuilder interface {
	buildSide(t *taskBuild, b *base) (any, error)
}

// buildSides makes the collectors of a node's side outputs, in the order of their names.
func buildSides(t *taskBuild, b *base) (map[string]any, error) {
	collectors := make(map[string]any, len(b.node.sides))
	for _, name := range sortedKeys(b.node.sides) {
		c, err := b.node.sides[name].(sideBuilder).buildSide(t, b)
		if err != nil {
			return nil, err
		}
		collectors[name] = c
	}
	return collectors, nil
}

// SideCollector is the collector of one side output. Ask for it in an operator's
// open and keep it. A tag that nobody consumes gets one that counts and drops.
func SideCollector[R any](s *Subtask, tag Tag[R]) *Collector[R] {
	have, ok := s.sides[tag.name]
	if !ok {
		c := &Collector[R]{buffer: make([]Element[R], 0, 1), n: s.base.n, side: true}
		s.base.outs = append(s.base.outs, c)
		s.sides[tag.name] = c
		return c
	}
	c, ok := have.(*Collector[R])
	if !ok {
		panic(fmt.Sprintf("engine: side output %q of %q has another type", tag.name, s.Operator))
	}
	return c
}
