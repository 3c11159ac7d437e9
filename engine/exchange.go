package engine

import (
	"sync"

	"taxistream/engine/internal/runtime"
	"taxistream/engine/state"
)

// exchange moves elements between the subtasks of two vertices. Its reading end heads
// one; its writers are the last links of the chains before it. It is part of the plan.
type exchange[T any] struct {
	node  *node
	from  []*node // of the streams that lead into it
	first func(b *builder) (input[T], error)
}

// router chooses the reading subtask of an element; nil: all of them.
type router[T any] func(e *Element[T]) int

// link is an exchange in one attempt. A channel leads from each sending subtask of
// each stream to each reading one.
type link[T any] struct {
	inboxes  []*runtime.Inbox[message[T]] // by reading subtask
	wakers   []runtime.Waker              // of the readers
	channels []int                        // the first channel of each stream
	pool     sync.Pool                    // of *batch[T]
}

// message is what travels through a channel: a batch, or without one a signal.
type message[T any] struct {
	batch  *batch[T]
	signal signal
}

// batch is a slice on its way through an exchange, recycled by its reader.
//
// Invariant: marks rise, and each element's origin is that of the last mark at or before it.
type batch[T any] struct {
	elements []Element[T]
	marks    []mark
	bytes    int64 // of the elements, since it was sent
}

// mark says where the elements of one origin begin.
type mark struct {
	from   int
	origin *origin
}

// addExchange makes n, whose ship says how route deals elements out, the head of a vertex that reads from all of ins. route makes a
// writer's router to so many readers.
func addExchange[T any](job *Job, n *node, ins []*Stream[T], route func(b *builder, readers int) router[T], first func(*builder) (input[T], error)) {
	ex := newExchange(job, n, ins, route)
	ex.first = first
	job.plan.heads = append(job.plan.heads, ex)
}

// newExchange connects streams with n. Whoever calls it makes it, or what holds it, a head.
func newExchange[T any](job *Job, n *node, ins []*Stream[T], route func(b *builder, readers int) router[T]) *exchange[T] {
	n.chained = false
	ex := &exchange[T]{node: n}
	for i, in := range ins {
		if in.job != job {
			job.plan.fail("%q reads from another job", n.name)
		}
		ex.from = append(ex.from, in.node)
		in.connect(n, func(b *builder) (input[T], error) {
			l := b.a.links[ex].(*link[T])
			return newWriter(b, ex, l, l.channels[i]+b.subtask, route(b, len(l.inboxes))), nil
		})
	}
	return ex
}

// addKeyedExchange makes n the head of a vertex parted by key.
func addKeyedExchange[K comparable, T any](in *KeyedStream[K, T], n *node, first func(*builder) (input[T], error)) {
	n.ship = ShipHash
	addExchange(in.in.job, n, []*Stream[T]{in.in}, in.route, first)
}

// route makes a writer's router to the owners of the key groups.
func (in *KeyedStream[K, T]) route(b *builder, readers int) router[T] {
	if readers == 1 {
		return func(*Element[T]) int { return 0 }
	}
	groups := b.a.config.MaxParallelism
	owners := make([]int, groups)
	for group := range owners {
		owners[group] = state.Subtask(group, groups, readers)
	}
	var scratch []byte
	return func(e *Element[T]) int {
		key := in.codec.Append(scratch[:0], in.key(&e.Value))
		if cap(key) > cap(scratch) {
			scratch = key
		}
		return owners[state.Group(key, groups)]
	}
}

// forwardTo routes every element of a sender to one reader: that of its index, where
// there are as many.
func forwardTo[T any](b *builder, readers int) router[T] {
	reader := b.subtask % readers
	return func(*Element[T]) int { return reader }
}

func (ex *exchange[T]) headNode() *node { return ex.node }

func (ex *exchange[T]) link(a *attempt, v *vertex) error {
	var wakers []runtime.Waker
	for range v.parallelism {
		wakers = append(wakers, runtime.NewWaker())
	}
	ex.linkTo(a, wakers)
	return nil
}

// linkTo makes the inboxes of readers that are known by their wakers.
func (ex *exchange[T]) linkTo(a *attempt, wakers []runtime.Waker) {
	l := &link[T]{wakers: wakers}
	l.pool.New = func() any { return &batch[T]{elements: make([]Element[T], 0, a.config.BatchSize)} }
	channels := 0
	for _, from := range ex.from {
		l.channels = append(l.channels, channels)
		channels += a.vertexOf(from).parallelism
	}
	for _, w := range wakers {
		l.inboxes = append(l.inboxes, runtime.NewInbox[message[T]](w, channels, a.config.ChannelCapacity))
	}
	a.links[ex] = l
}

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
	size    func([]Element[T]) int64
	sender  *counters // of the operator before the writer
	open    []*batch[T]
	waiting [][]message[T]
	last    int64
	work    atWork[T] // of the router
}

func newWriter[T any](b *builder, ex *exchange[T], l *link[T], channel int, route router[T]) *writer[T] {
	readers := len(l.inboxes)
	w := &writer[T]{
		base: base{node: ex.node, env: newEnv(b)}, l: l, channel: channel, route: route, size: sizeOf[T](), sender: b.sender,
		open: make([]*batch[T], readers), waiting: make([][]message[T], readers), last: NoWatermark,
	}
	b.task.AddOutlet(w)
	return w
}

func (w *writer[T]) elements(elements []Element[T]) error {
	if w.route != nil {
		w.deal(elements, w.route)
		return nil
	}
	for target := range w.open {
		w.deal(elements, func(*Element[T]) int { return target })
	}
	return nil
}

// deal puts copies of elements into the open batches of the readers that route chooses.
func (w *writer[T]) deal(elements []Element[T], route router[T]) {
	from := w.env.at.origin
	w.work.batch = elements
	for i := range elements {
		w.work.i = i
		target := route(&elements[i])
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
	w.work.batch = nil
}

func (w *writer[T]) element() string { return w.work.element() }

// sendOpen hands the open batch of one reader over.
func (w *writer[T]) sendOpen(target int) {
	b := w.open[target]
	w.open[target] = nil
	b.bytes = w.size(b.elements)
	w.sender.sent.Add(int64(len(b.elements)))
	w.sender.bytesOut.Add(b.bytes)
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

// signal sends watermarks, idleness, barriers and the end to all readers, behind all elements.
// The other signals stay within the task.
func (w *writer[T]) signal(s signal) error {
	switch s.Kind {
	case runtime.Tick, runtime.Committed:
		return nil
	case runtime.Watermark:
		invariant(s.At > w.last, "a watermark goes back from %d to %d before %s", w.last, s.At, w.name())
		w.last = s.At
	case runtime.Flush, runtime.Cut, runtime.End, runtime.WatermarkStatus:
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
