package engine

import (
	"taxistream/engine/internal/runtime"
	"taxistream/engine/window"
)

// Aggregate folds each key's elements by window. A window fires when the watermark reaches
// its end less 1 ms, or when a Trigger says so; results carry that instant as their event
// time. An element all of whose windows are gone (watermark at or after end - 1 ms +
// allowed lateness) goes to late; one that belongs to no window is counted as dropped.
func Aggregate[K comparable, T, A, R any](in *KeyedStream[K, T], name string, windows window.Assigner, agg Aggregation[K, T, A, R], options ...WindowOption) (results *Stream[R], late *Stream[T]) {
	var o windowOptions
	for _, option := range options {
		option(&o)
	}
	job := in.in.job
	n := job.plan.addNode(name, kindKeyed)
	results = newStream[R](job, n)
	late = SideOutput(results, NewTag[T]("late"))
	if err := checkWindows(windows, &agg, &o); err != nil {
		job.plan.fail("%q: %v", name, err)
	}
	addKeyedExchange(in, n, func(b *builder) (input[T], error) {
		if generalForm(windows, &agg, &o) {
			return newWindowOperator(b, n, in, windows, agg, o, results)
		}
		if s, ok := windows.(window.Sliced); ok && overlap(s) && agg.Merge != nil {
			return newSlidingOperator(b, n, in, s, agg, o, results)
		}
		return newAggregateOperator(b, n, in, windows, agg, o, results)
	})
	return results, late
}

// aggregateOperator holds an accumulator for each key of each window that is not gone.
type aggregateOperator[K comparable, T, A, R any] struct {
	base
	in      *KeyedStream[K, T]
	windows window.Assigner
	single  bool // no two windows overlap
	agg     Aggregation[K, T, A, R]
	clone   func(A) A // of accumulators; nil: they are copied as they are
	options windowOptions

	results *Collector[R]
	late    *Collector[T]

	current  int64 // watermark
	open     map[window.Window]*pane[K, A]
	last     *pane[K, A]          // the one used last: neighbours in time share it
	due      dueList[*pane[K, A]] // each open pane once: to be fired, then forgotten
	assigned []window.Window
	refired  []*pane[K, A] // fired panes that got elements in this batch
	added    int64         // slots, in this batch
	at       *Element[T]   // the element at work
	fires    firedWindow[K]
	firing   firing[K, A]
}

func newAggregateOperator[K comparable, T, A, R any](b *builder, n *node, in *KeyedStream[K, T], w window.Assigner, agg Aggregation[K, T, A, R], options windowOptions, out *Stream[R]) (input[T], error) {
	o := &aggregateOperator[K, T, A, R]{
		base: newBase(b, n), in: in, windows: w, agg: agg, options: options,
		current: NoWatermark, open: make(map[window.Window]*pane[K, A]),
	}
	_, o.single = w.(window.Partition)
	o.clone = cloneOf(agg.Codec)
	var err error
	if o.results, o.late, err = windowOutputs[T](b, &o.base, out); err != nil {
		return nil, err
	}
	o.current, err = o.restore(b)
	o.n.watermark.Store(o.current)
	return o, err
}

func (o *aggregateOperator[K, T, A, R]) elements(batch []Element[T]) error {
	o.n.in.Add(int64(len(batch)))
	o.since = 0
	for i := range batch {
		e := &batch[i]
		o.at = e
		if i%ahead == 0 && o.last != nil && len(o.last.slots) >= coldSlots {
			fetch(o.last, batch[i:min(i+ahead, len(batch))], o.in.key)
		}
		if p := o.last; o.single && p != nil && p.window.Contains(e.EventTime) && !o.gone(p.window) {
			o.add(p, e)
			continue
		}
		o.assigned = o.windows.Assign(e.EventTime, o.assigned[:0])
		taken := false
		for _, w := range o.assigned {
			if o.gone(w) {
				continue
			}
			taken = true
			o.add(o.pane(w), e)
		}
		switch {
		case taken:
		case len(o.assigned) == 0: // it falls between two windows
			o.n.dropped.Add(1)
		default:
			o.n.late.Add(1)
			o.late.EmitElement(e)
		}
	}
	o.at = nil
	o.n.entries.Add(o.added)
	o.added = 0
	for _, p := range o.refired {
		o.refire(p)
	}
	clear(o.refired)
	o.refired = o.refired[:0]
	if err := o.emit(); err != nil {
		return err
	}
	return o.checkEntries()
}

func (o *aggregateOperator[K, T, A, R]) add(p *pane[K, A], e *Element[T]) {
	size := len(p.slots)
	i := p.slot(o.in.key(&e.Value))
	if len(p.slots) != size {
		o.added++
	}
	o.agg.Add(&p.slots[i].acc, e)
	if p.fired && p.mark(i) {
		o.refired = append(o.refired, p)
	}
}

// gone: can no element of the window count any more?
func (o *aggregateOperator[K, T, A, R]) gone(w window.Window) bool {
	return o.current >= addTime(w.MaxTime(), o.options.lateness)
}

func (o *aggregateOperator[K, T, A, R]) pane(w window.Window) *pane[K, A] {
	if o.last != nil && o.last.window == w {
		return o.last
	}
	p := o.open[w]
	if p == nil {
		p = newPane[K, A](w, o.roomFor(len(o.open)))
		p.fired = o.current >= w.MaxTime()
		o.open[w] = p
		o.schedule(p)
	}
	o.last = p
	return p
}

// schedule notes when the watermark next changes the pane: it fires, or it goes.
func (o *aggregateOperator[K, T, A, R]) schedule(p *pane[K, A]) {
	at := p.window.MaxTime()
	if p.fired {
		at = addTime(at, o.options.lateness)
	}
	o.due.add(at, p.window.Start, p)
}

func (o *aggregateOperator[K, T, A, R]) element() string {
	if o.at != nil {
		return o.at.print()
	}
	return o.fires.print()
}

func (o *aggregateOperator[K, T, A, R]) signal(s signal) error {
	switch s.Kind {
	case runtime.Watermark:
		if s.At <= o.current {
			break
		}
		o.current = s.At
		if p, ok := o.due.next(s.At); ok {
			return o.beginFiring(s, p)
		}
	case runtime.Cut:
		o.keep(s.Barrier)
	case runtime.Flush, runtime.Tick, runtime.Committed, runtime.End, runtime.WatermarkStatus:
	}
	return o.base.signal(s)
}

// refire emits the new totals of the keys that got elements after their window fired.
func (o *aggregateOperator[K, T, A, R]) refire(p *pane[K, A]) {
	for _, i := range p.dirty {
		o.result(p, &p.slots[i])
	}
	o.fires.some = false
	p.clean()
}

func (o *aggregateOperator[K, T, A, R]) result(p *pane[K, A], s *slot[K, A]) {
	o.fires = firedWindow[K]{s.key, p.window, true}
	if result, ok := o.agg.Result(s.key, p.window, &s.acc); ok {
		o.results.Emit(result, p.window.MaxTime())
	}
}
