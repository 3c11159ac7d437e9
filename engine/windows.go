package engine

import (
	"taxistream/engine/internal/runtime"
	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

// windowOperator is the general form of an Aggregate, for triggers and for windows that
// merge, know no end or follow processing time: its state is by key and window, and so is
// what a trigger remembers. aggregateOperator and slidingOperator are the fast forms.
//
// Invariants: each window in state is in the due lists by the times that it names, if they
// are not Never, and these are not later than what it waits for; an entry of another time
// is stale, and passed over. The windows of one key do not meet if they merge.
type windowOperator[K comparable, T, A, R any] struct {
	base
	in      *KeyedStream[K, T]
	agg     Aggregation[K, T, A, R]
	options windowOptions
	assign  func(e *Element[T], t int64, dst []window.Window) []window.Window
	merging bool
	inTime  bool // windows are of processing time

	results *Collector[R]
	late    *Collector[T]

	current int64 // watermark
	sent    int64 // the watermark that went on
	state   *table[K, keyWindows[A]]
	byEvent dueList[dueWindow[K]]
	byClock dueList[dueWindow[K]]

	assigned []window.Window
	at       *Element[T] // the element at work
	fires    firedWindow[K]
	trigger  trigger.State
	passing  signal // the watermark or tick on its way while windows fire
	empty    A
}

// dueWindow names the window of a key in a due list.
type dueWindow[K comparable] struct {
	key    K
	window window.Window
}

func newWindowOperator[K comparable, T, A, R any](b *builder, n *node, in *KeyedStream[K, T], w window.Assigner, agg Aggregation[K, T, A, R], options windowOptions, out *Stream[R]) (input[T], error) {
	o := &windowOperator[K, T, A, R]{
		base: newBase(b, n), in: in, agg: agg, options: options, current: NoWatermark, sent: NoWatermark, state: newTable[K, keyWindows[A]](),
	}
	if p, ok := w.(window.ProcessingTimeWindows); ok {
		o.inTime, w = true, p.Assigner
	}
	_, o.merging = w.(window.Merging)
	o.assign = func(_ *Element[T], t int64, dst []window.Window) []window.Window { return w.Assign(t, dst) }
	if by, ok := w.(window.ByElement[T]); ok {
		o.assign = func(e *Element[T], t int64, dst []window.Window) []window.Window {
			return by.AssignElement(&e.Value, t, dst)
		}
	}
	if o.options.trigger == nil {
		o.options.trigger = trigger.EventTime()
		if o.inTime {
			o.options.trigger = trigger.ProcessingTime()
		}
	}
	var err error
	if o.results, o.late, err = windowOutputs[T](b, &o.base, out); err != nil {
		return nil, err
	}
	o.current, err = o.restore(b)
	o.sent = o.current
	o.n.watermark.Store(o.current)
	return o, err
}

func (o *windowOperator[K, T, A, R]) element() string {
	if o.at != nil {
		return o.at.print()
	}
	return o.fires.print()
}

// now is processing time, ms. Behind everything, windows of processing time are over, too.
func (o *windowOperator[K, T, A, R]) now() int64 {
	if o.inTime && o.current == MaxWatermark {
		return MaxWatermark
	}
	return o.env.task.Now().UnixMilli()
}

func (o *windowOperator[K, T, A, R]) elements(batch []Element[T]) error {
	o.n.in.Add(int64(len(batch)))
	o.since = 0
	for i := range batch {
		o.at = &batch[i]
		o.take(o.at)
	}
	o.at = nil
	if err := o.emit(); err != nil {
		return err
	}
	return o.checkEntries()
}

// take puts one element into its windows.
func (o *windowOperator[K, T, A, R]) take(e *Element[T]) {
	at := e.EventTime
	if o.inTime {
		at = o.now()
	}
	o.assigned = o.assign(e, at, o.assigned[:0])
	key := o.in.key(&e.Value)
	taken := false
	for _, w := range o.assigned {
		if o.merging {
			w = o.merged(key, w)
		}
		if o.gone(w) {
			continue
		}
		taken = true
		o.add(key, w, e)
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

// gone: can no element of the window count any more?
func (o *windowOperator[K, T, A, R]) gone(w window.Window) bool {
	return !o.inTime && o.current >= o.goes(w)
}

// goes is the time at which a window's contents are forgotten: a watermark, or of windows
// of processing time a clock's.
func (o *windowOperator[K, T, A, R]) goes(w window.Window) int64 {
	if o.inTime {
		return w.MaxTime()
	}
	return addTime(w.MaxTime(), o.options.lateness)
}

// add puts an element into a window that is not gone, made if need be.
func (o *windowOperator[K, T, A, R]) add(key K, w window.Window, e *Element[T]) {
	k := o.state.get(key)
	kw := k.find(w)
	if kw == nil {
		kw = o.open(k, w)
	}
	o.agg.Add(&kw.acc, e)
	kw.filled, kw.fresh = true, true
	o.act(key, kw, o.options.trigger.Element(o.triggerState(kw, e.EventTime)))
	o.schedule(key, kw)
}

// open adds a window to a key.
func (o *windowOperator[K, T, A, R]) open(k *keyWindows[A], w window.Window) *keyWindow[A] {
	o.n.entries.Add(1)
	*k = append(*k, newKeyWindow[A](w, o.options.trigger))
	return &(*k)[len(*k)-1]
}

func (o *windowOperator[K, T, A, R]) triggerState(kw *keyWindow[A], at int64) *trigger.State {
	o.trigger = trigger.State{Window: kw.window, Watermark: o.current, Now: o.now(), At: at, Numbers: kw.numbers}
	return &o.trigger
}

// merged merges a new window with those of its key that it meets, and returns what came of
// it: a window that may be gone, if all of it is late.
func (o *windowOperator[K, T, A, R]) merged(key K, w window.Window) window.Window {
	k := o.state.find(key)
	if k == nil {
		return w
	}
	all, meets := w, 0
	for i := range *k {
		if e := (*k)[i].window; e.Start <= w.End && w.Start <= e.End {
			all.Start, all.End = min(all.Start, e.Start), max(all.End, e.End)
			meets++
		}
	}
	if meets == 0 || k.find(all) != nil {
		return all
	}
	m := newKeyWindow[A](all, o.options.trigger)
	kept := (*k)[:0]
	for i := range *k {
		e := &(*k)[i]
		if e.window.Start > w.End || w.Start > e.window.End {
			kept = append(kept, *e)
			continue
		}
		if e.filled && !runtime.Is(runtime.LoseMerged) {
			o.agg.Merge(&m.acc, &e.acc)
			m.filled = true
		}
		m.fresh = m.fresh || e.fresh
		o.options.trigger.Merge(o.triggerState(&m, 0), e.numbers)
		m.byEvent, m.byClock = min(m.byEvent, e.byEvent), min(m.byClock, e.byClock)
	}
	o.n.entries.Add(int64(1 - meets))
	clear((*k)[len(kept):])
	*k = append(kept, m)
	return all
}

func (o *windowOperator[K, T, A, R]) signal(s signal) error {
	switch s.Kind {
	case runtime.Watermark:
		if s.At > o.current {
			o.current = s.At
			return o.pass(s)
		}
	case runtime.Tick:
		return o.pass(s)
	case runtime.Cut:
		o.keep(s.Barrier)
	case runtime.Flush, runtime.Committed, runtime.End, runtime.WatermarkStatus:
	}
	return o.base.signal(s)
}
