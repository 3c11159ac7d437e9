package engine

import (
	"fmt"
	"time"

	"taxistream/engine/internal/runtime"
	"taxistream/engine/watermark"
)

// port is the reading end of an exchange in one subtask: it merges its channels'
// elements, watermarks and barriers into one sequence of calls.
type port[T any] struct {
	task       *runtime.Task
	at         *place
	l          *link[T]
	in         *runtime.Inbox[message[T]]
	first      input[T]
	watermarks *watermark.Valve
	align      *runtime.Aligner
}

func (ex *exchange[T]) build(b *builder) error {
	l := b.a.links[ex].(*link[T])
	b.task.SetWaker(l.wakers[b.subtask])
	first, err := ex.first(b)
	if err != nil {
		return err
	}
	in := l.inboxes[b.subtask]
	n := in.Channels()
	b.task.Chain = chainHead{at: b.at, first: first}
	b.task.Input = &port[T]{
		task: b.task, at: b.at, l: l, in: in, first: first,
		watermarks: watermark.NewValve(n), align: runtime.NewAligner(n),
	}
	b.a.counters[ex.node][b.subtask].fill = in.Fill
	return nil
}

// Next implements runtime.Input.
func (p *port[T]) Next(time.Time) (runtime.Outcome, error) {
	ch, m, ok := p.in.Take()
	if !ok {
		return runtime.Idle, nil
	}
	if m.batch != nil {
		return runtime.Did, p.elements(m.batch)
	}
	switch s := m.signal; s.Kind {
	case runtime.Watermark:
		invariant(s.At > p.watermarks.Of(ch), "a watermark goes back on channel %d of %s", ch, p.first.name())
		if combined, moved := p.watermarks.Advance(ch, s.At); moved {
			s.At = combined
			return runtime.Did, p.task.Chain.Signal(s)
		}
	case runtime.Cut:
		return runtime.Did, p.cut(ch, s.Barrier)
	case runtime.End:
		if p.align.End(ch) {
			return runtime.Ended, p.task.Chain.Signal(s)
		}
	case runtime.Flush, runtime.Tick, runtime.Committed:
		return runtime.Did, fmt.Errorf("signal %d crosses an exchange", s.Kind)
	}
	return runtime.Did, nil
}

// elements hands a batch to the chain, those of each origin by themselves.
func (p *port[T]) elements(b *batch[T]) error {
	for i, m := range b.marks {
		end := len(b.elements)
		if i+1 < len(b.marks) {
			end = b.marks[i+1].from
		}
		p.at.current, p.at.origin = p.first, m.origin
		if err := p.first.elements(b.elements[m.from:end]); err != nil {
			return err
		}
	}
	clear(b.marks)
	b.elements, b.marks = b.elements[:0], b.marks[:0]
	p.l.pool.Put(b)
	return nil
}

func (p *port[T]) cut(ch int, b *runtime.Barrier) error {
	arrival := p.align.Barrier(ch, b)
	if arrival == runtime.First || arrival == runtime.Last {
		p.in.Open()
	}
	switch arrival {
	case runtime.First, runtime.Another:
		if !runtime.Is(runtime.NoAlignment) {
			p.in.Shut(ch)
		}
	case runtime.Last:
		return p.task.Cut(b)
	case runtime.Stale:
	}
	return nil
}

// Tick implements runtime.Input.
func (p *port[T]) Tick(now time.Time) error {
	return p.task.Chain.Signal(signal{Kind: runtime.Tick, Now: now})
}
