package engine

import "fmt"

// Collector takes what an operator emits and hands it on in batches. It belongs
// to the operator's goroutine.
type Collector[R any] struct {
	buffer []Element[R]
	outs   []input[R]
	n      *counters
	at     *place
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
	before := c.at.current
	for _, out := range c.outs {
		if c.err != nil {
			return
		}
		c.at.current = out
		c.err = out.elements(batch)
	}
	if c.err == nil {
		c.at.current = before
	}
}

// emit hands on the rest of a call's elements and gives the error of any of them.
func (c *Collector[R]) emit() error {
	c.hand()
	return c.err
}

// signal passes a signal on, behind all elements.
func (c *Collector[R]) signal(s signal) error {
	if err := c.emit(); err != nil {
		return err
	}
	before := c.at.current
	for _, out := range c.outs {
		c.at.current = out
		if err := out.signal(s); err != nil {
			return err
		}
	}
	c.at.current = before
	return nil
}

// build makes the collector of a stream and, behind it, the chain of its consumers.
func (s *Stream[T]) build(b *builder, of *base) (*Collector[T], error) {
	c := &Collector[T]{buffer: make([]Element[T], 0, of.env.config.BatchSize), n: of.n, at: of.env.at}
	for _, e := range s.edges {
		b.sender = of.n
		out, err := e.connect(b)
		if err != nil {
			return nil, err
		}
		c.outs = append(c.outs, out)
	}
	of.outs = append(of.outs, c)
	return c, nil
}

// buildSide is a side stream's collector, for SideCollector.
func (s *Stream[T]) buildSide(b *builder, of *base) (any, error) {
	c, err := s.build(b, of)
	if err != nil {
		return nil, err
	}
	c.side = true
	return c, nil
}

// sideBuilder is a Stream[R] whatever its R.
type sideBuilder interface {
	buildSide(b *builder, of *base) (any, error)
}

// windowOutputs makes the collectors of an operator with windows: its results, and what comes late.
func windowOutputs[T, R any](b *builder, of *base, out *Stream[R]) (results *Collector[R], late *Collector[T], err error) {
	results, sides, err := buildOutputs(b, of, out)
	if err != nil {
		return nil, nil, err
	}
	return results, sides["late"].(*Collector[T]), nil
}

// buildOutputs makes the collectors of an operator: the main one, and those of its side
// outputs in the order of their names.
func buildOutputs[R any](b *builder, of *base, out *Stream[R]) (main *Collector[R], sides map[string]any, err error) {
	if main, err = out.build(b, of); err != nil {
		return nil, nil, err
	}
	sides = make(map[string]any, len(of.node.sides))
	for _, name := range sortedKeys(of.node.sides) {
		if sides[name], err = of.node.sides[name].(sideBuilder).buildSide(b, of); err != nil {
			return nil, nil, err
		}
	}
	return main, sides, nil
}

// SideCollector is the collector of one side output. Ask for it in an operator's
// open and keep it. A tag that nobody consumes gets one that counts and drops.
func SideCollector[R any](s *Subtask, tag Tag[R]) *Collector[R] {
	if s.base == nil {
		panic(fmt.Sprintf("engine: %q has no side outputs: it is a sink", s.Operator))
	}
	have, ok := s.sides[tag.name]
	if !ok {
		c := &Collector[R]{buffer: make([]Element[R], 0, 1), n: s.base.n, at: s.base.env.at, side: true}
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
