package engine

import (
	"fmt"
	"time"

	"taxistream/engine/internal/runtime"
	"taxistream/engine/watermark"
)

// port is the reading end of an exchange in one subtask: it hands its channels' elements on,
// and their watermarks and barriers to the task's merge.
type port[T any] struct {
	*merge
	at      *place
	l       *link[T]
	in      *runtime.Inbox[message[T]]
	n       *counters // of the first operator
	first   input[T]
	channel int // of the merge, the first of this port
}

// merge makes one sequence of watermarks and barriers of those of all channels of a task, by
// however many ports they come.
type merge struct {
	task       *runtime.Task
	watermarks *watermark.Valve
	align      *runtime.Aligner
	open       []func() // the inboxes, each with all its channels
	owed       []signal // of one change of idleness, not yet told
}

func newMerge(t *runtime.Task, channels int, open ...func()) *merge {
	return &merge{task: t, watermarks: watermark.NewValve(channels), align: runtime.NewAligner(channels), open: open}
}

func (ex *exchange[T]) build(b *builder) error {
	l := b.a.links[ex].(*link[T])
	b.task.SetWaker(l.wakers[b.subtask])
	first, err := ex.first(b)
	if err != nil {
		return err
	}
	in, n := l.inboxes[b.subtask], b.a.counters[ex.node][b.subtask]
	b.task.Chain = chainHead{at: b.at, first: first}
	b.task.Input = &port[T]{merge: newMerge(b.task, in.Channels(), in.Open), at: b.at, l: l, in: in, n: n, first: first}
	n.fill = in.Fill
	return nil
}

// Next implements runtime.Input.
func (p *port[T]) Next(time.Time) (runtime.Outcome, error) {
	if len(p.owed) > 0 {
		return runtime.Did, p.tell()
	}
	ch, m, ok := p.in.Take()
	if !ok {
		return runtime.Idle, nil
	}
	if m.batch != nil {
		return runtime.Did, p.elements(m.batch)
	}
	ch += p.channel
	switch s := m.signal; s.Kind {
	case runtime.Watermark:
		invariant(s.At > p.watermarks.Of(ch), "a watermark goes back on channel %d of %s", ch, p.first.name())
		if combined, moved := p.watermarks.Advance(ch, s.At); moved {
			s.At = combined
			return runtime.Did, p.task.Chain.Signal(s)
		}
	case runtime.WatermarkStatus:
		return runtime.Did, p.turn(ch, s.Idle)
	case runtime.Cut:
		return runtime.Did, p.cut(ch, s.Barrier, p.shut)
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
	p.n.bytesIn.Add(b.bytes)
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

// shut closes a channel of the merge.
func (p *port[T]) shut(ch int) { p.in.Shut(ch - p.channel) }

// turn notes that a channel is idle, or is no more. What comes of it is told one signal a step: a
// watermark may have windows to fire over several.
func (m *merge) turn(ch int, idle bool) error {
	was := m.watermarks.Idle()
	combined, moved := m.watermarks.SetIdle(ch, idle)
	now := m.watermarks.Idle()
	if was && !now {
		m.owed = append(m.owed, signal{Kind: runtime.WatermarkStatus})
	}
	if moved {
		m.owed = append(m.owed, signal{Kind: runtime.Watermark, At: combined})
	}
	if now && !was {
		m.owed = append(m.owed, signal{Kind: runtime.WatermarkStatus, Idle: true})
	}
	return m.tell()
}

// tell sends on the first signal that is owed.
func (m *merge) tell() error {
	if len(m.owed) == 0 {
		return nil
	}
	s := m.owed[0]
	m.owed = m.owed[:copy(m.owed, m.owed[1:])]
	return m.task.Chain.Signal(s)
}

func (m *merge) cut(ch int, b *runtime.Barrier, shut func(ch int)) error {
	arrival := m.align.Barrier(ch, b)
	if arrival == runtime.First || arrival == runtime.Last {
		for _, open := range m.open {
			open()
		}
	}
	if arrival == runtime.First {
		m.task.AlignFrom()
	}
	switch arrival {
	case runtime.First, runtime.Another:
		if !runtime.Is(runtime.NoAlignment) {
			shut(ch)
		}
	case runtime.Last:
		return m.task.Cut(b)
	case runtime.Stale:
	}
	return nil
}

// Tick implements runtime.Input.
func (m *merge) Tick(now time.Time) error {
	return m.task.Chain.Signal(signal{Kind: runtime.Tick, Now: now})
}
