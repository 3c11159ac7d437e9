package engine

import "taxistream/engine/internal/runtime"

// writer is the sending end of an exchange in one subtask.
//
// Invariants: open holds at most one batch for each reader, never a full one; waiting
// holds, for each reader, what its channel had no room for, in order, and while it holds
// anything nothing passes it; the watermark last sent never falls.
type writer[T any] struct {
	base
	l       *link[T]
	channel int
	route   router[T]
	open    []*batch[T]
	waiting [][]message[T]
	last    int64
}

func newWriter[T any](b *builder, ex *exchange[T], l *link[T], channel int, route router[T]) *writer[T] {
	readers := len(l.inboxes)
	w := &writer[T]{
		base: base{node: ex.node, env: newEnv(b)}, l: l, channel: channel, route: route,
		open: make([]*batch[T], readers), waiting: make([][]message[T], readers), last: NoWatermark,
	}
	b.task.AddOutlet(w)
	return w
}

func (w *writer[T]) elements(elements []Element[T]) error {
	from := w.env.at.origin
	for i := range elements {
		target := w.route(&elements[i])
		b := w.open[target]
		if b == nil {
			b = w.l.pool.Get().(*batch[T])
			w.open[target] = b
		}
		if n := len(b.marks); n == 0 || b.marks[n-1].origin != from {
			b.marks = append(b.marks, mark{from: len(b.elements), origin: from})
		}
		b.elements = append(b.elements, elements[i])
		if len(b.elements) == cap(b.elements) {
			w.sendOpen(target)
		}
	}
	return nil
}

// sendOpen hands the open batch of one reader over.
func (w *writer[T]) sendOpen(target int) {
	b := w.open[target]
	w.open[target] = nil
	w.send(target, message[T]{batch: b})
}

func (w *writer[T]) send(target int, m message[T]) {
	if len(w.waiting[target]) == 0 && w.l.inboxes[target].Offer(w.channel, m, w.env.task.Waker()) {
		return
	}
	if runtime.Is(runtime.LoseBatch) && m.batch != nil {
		return
	}
	w.waiting[target] = append(w.waiting[target], m)
	w.env.task.Full()
}

// Drain implements runtime.Outlet.
func (w *writer[T]) Drain() bool {
	all := true
	for target, messages := range w.waiting {
		sent := 0
		for sent < len(messages) && w.l.inboxes[target].Offer(w.channel, messages[sent], w.env.task.Waker()) {
			messages[sent] = message[T]{}
			sent++
		}
		w.waiting[target] = messages[sent:]
		if sent == len(messages) {
			w.waiting[target] = messages[:0]
		} else {
			all = false
		}
	}
	return all
}

// signal sends watermarks, barriers and the end to all readers, behind all elements.
// The other signals stay within the task.
func (w *writer[T]) signal(s signal) error {
	switch s.Kind {
	case runtime.Tick, runtime.Committed:
		return nil
	case runtime.Watermark:
		invariant(s.At > w.last, "a watermark goes back from %d to %d before %s", w.last, s.At, w.name())
		w.last = s.At
	case runtime.Flush, runtime.Cut, runtime.End:
	}
	overtakes := runtime.Is(runtime.Overtake) && s.Kind == runtime.Cut
	for target, b := range w.open {
		if b != nil && !overtakes {
			w.sendOpen(target)
		}
	}
	if s.Kind == runtime.Flush {
		return nil
	}
	for target := range w.open {
		w.send(target, message[T]{signal: s})
	}
	return nil
}
