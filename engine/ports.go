package engine

import (
	"time"

	"taxistream/engine/internal/runtime"
)

// joinHead heads a vertex that reads two exchanges. It is part of the plan.
type joinHead[L, R any] struct {
	node  *node
	left  *exchange[L]
	right *exchange[R]
	first func(b *builder) (core joinCore, left input[L], right input[R], err error)
}

// joinCore is the operator that both ports lead to.
type joinCore interface {
	operator
	signal(s signal) error
}

// addJoin makes n the head of a vertex that reads two keyed streams, whose keys must have the same bytes.
func addJoin[K comparable, L, R any](left *KeyedStream[K, L], right *KeyedStream[K, R], n *node, first func(b *builder) (joinCore, input[L], input[R], error)) {
	job := left.in.job
	n.ship = ShipHash
	job.plan.heads = append(job.plan.heads, &joinHead[L, R]{
		node: n, first: first,
		left:  newExchange(job, n, []*Stream[L]{left.in}, left.route),
		right: newExchange(job, n, []*Stream[R]{right.in}, right.route),
	})
}

func (h *joinHead[L, R]) headNode() *node { return h.node }

func (h *joinHead[L, R]) link(a *attempt, v *vertex) error {
	var wakers []runtime.Waker
	for range v.parallelism {
		wakers = append(wakers, runtime.NewWaker())
	}
	h.left.linkTo(a, wakers)
	h.right.linkTo(a, wakers)
	return nil
}

func (h *joinHead[L, R]) build(b *builder) error {
	l, r := b.a.links[h.left].(*link[L]), b.a.links[h.right].(*link[R])
	b.task.SetWaker(l.wakers[b.subtask])
	core, left, right, err := h.first(b)
	if err != nil {
		return err
	}
	in, other := l.inboxes[b.subtask], r.inboxes[b.subtask]
	n := b.a.counters[h.node][b.subtask]
	m := newMerge(b.task, in.Channels()+other.Channels(), in.Open, other.Open)
	b.task.Chain = chainHead{at: b.at, first: core}
	b.task.Input = &ports[L, R]{
		merge: m,
		left:  &port[L]{merge: m, at: b.at, l: l, in: in, n: n, first: left},
		right: &port[R]{merge: m, at: b.at, l: r, in: other, n: n, first: right, channel: in.Channels()},
	}
	n.fill = func() float64 { return max(in.Fill(), other.Fill()) }
	return nil
}

// ports is the input of a task with two ports: it takes from them in turn. Watermark and
// barrier are those of all channels of both.
type ports[L, R any] struct {
	*merge
	left  *port[L]
	right *port[R]
	turn  bool // right is to be looked at first
}

// Next implements runtime.Input.
func (p *ports[L, R]) Next(now time.Time) (runtime.Outcome, error) {
	p.turn = !p.turn
	first, second := p.left.Next, p.right.Next
	if p.turn {
		first, second = second, first
	}
	if o, err := first(now); err != nil || o != runtime.Idle {
		return o, err
	}
	return second(now)
}
