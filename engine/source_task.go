package engine

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"taxistream/engine/internal/runtime"
)

// sourceTask merges the reads of one subtask's splits into one sequence of
// elements, watermarks and barriers. A barrier falls between two reads.
type sourceTask[T any] struct {
	base
	task   *runtime.Task
	l      *sourceLink[T]
	out    *Collector[T]
	queue  *runtime.Inbox[fetched[T]]
	size   func([]Element[T]) int64
	splits []*activeSplit[T]

	barrier atomic.Pointer[runtime.Barrier] // the newest one, by the coordinator
	cut     *runtime.Barrier                // the one sent last
	emitted int64                           // combined watermark sent
	idle    bool                            // sent: the source is silent
	work    atWork[T]                       // of the generator
}

func (s *sourceHead[T]) build(b *builder) error {
	l := b.a.links[s].(*sourceLink[T])
	x := &sourceTask[T]{base: newBase(b, s.node), task: b.task, l: l, queue: l.queues[b.subtask], size: sizeOf[T](), emitted: NoWatermark}
	b.task.SetWaker(x.queue.Reader())
	l.clock.Listen(b.task.Waker())
	l.tasks = append(l.tasks, x)
	var err error
	if x.out, _, err = buildOutputs(b, &x.base, s.out); err != nil {
		return err
	}
	b.task.Input, b.task.Chain = x, chainHead{at: b.at, first: x}
	b.a.counters[s.node][b.subtask].fill = x.queue.Fill
	return nil
}

// Next implements runtime.Input. What the clock says goes before what came behind it,
// and what was read goes before the final barrier.
func (x *sourceTask[T]) Next(now time.Time) (runtime.Outcome, error) {
	if w := x.l.clock.Combined(); w > x.emitted {
		return runtime.Did, x.advance(w)
	}
	if silent := x.l.clock.Silent(); silent != x.idle {
		return runtime.Did, x.turn(silent)
	}
	b := x.barrier.Load()
	if b != x.cut && !b.Final {
		return x.take(b)
	}
	if _, f, ok := x.queue.Take(); ok {
		return runtime.Did, x.elements(&f, now)
	}
	if b != x.cut {
		return x.take(b)
	}
	return runtime.Idle, nil
}

// elements sends on what one read brought and notes how far its split has come.
func (x *sourceTask[T]) elements(f *fetched[T], now time.Time) error {
	a, read := f.split, &f.read
	if a.left {
		x.drop(a, read)
		return nil
	}
	if !a.known {
		a.known = true
		x.splits = append(x.splits, a)
	}
	if x.idle && len(read.Elements) > 0 {
		if err := x.turn(false); err != nil {
			return err
		}
	}
	x.env.at.current, x.env.at.origin = x, nil
	if len(read.Elements) > 0 {
		x.env.at.origin = &origin{split: a.id, offset: a.offset}
	}
	kept, regressions := x.generate(a, read.Elements)
	x.n.in.Add(int64(len(read.Elements)))
	x.n.bytesIn.Add(cmp.Or(read.Bytes, x.size(read.Elements)))
	x.n.out.Add(int64(len(kept)))
	x.out.forward(kept)
	if x.out.err != nil {
		return x.out.err
	}
	x.l.clock.Advance(a.id, a.watermark, now)
	if x.l.backlogs {
		x.l.clock.Tip(a.id, read.AtTip)
	}
	x.l.clock.Seen(a.id, read.AtTip && len(read.Elements) == 0, read.Interrupted, now, x.task.Blocked())
	if read.Offset != nil {
		a.offset = append([]byte(nil), read.Offset...)
	}
	x.l.table.progress(a.id, progress{
		offset: a.offset, watermark: a.watermark, elements: int64(len(read.Elements)), regressions: regressions, atTip: read.AtTip, lag: read.Lag,
	})
	if read.Release != nil {
		read.Release()
	}
	if read.End {
		x.forget(a)
		x.l.table.end(a.id, read.Children)
	}
	if w := x.l.clock.Combined(); w > x.emitted {
		return x.advance(w)
	}
	return nil
}

// generate drives the split's generator over a read and closes the gaps that
// elements leave which are not data.
func (x *sourceTask[T]) generate(a *activeSplit[T], elements []Element[T]) (kept []Element[T], regressions int64) {
	n := 0
	x.work.batch = elements
	for i := range elements {
		x.work.i = i
		w, keep := a.generator.OnElement(&elements[i], a.watermark)
		if w < a.watermark {
			regressions++
		}
		a.watermark = max(a.watermark, w)
		if !keep {
			continue
		}
		if n != i {
			elements[n] = elements[i]
		}
		n++
	}
	x.work.batch = nil
	return elements[:n], regressions
}

func (x *sourceTask[T]) element() string { return x.work.element() }

func (x *sourceTask[T]) forget(a *activeSplit[T]) {
	for i, other := range x.splits {
		if other == a {
			x.splits = append(x.splits[:i], x.splits[i+1:]...)
			return
		}
	}
}

// advance sends the combined watermark on. What is idle has none that anybody heeds.
func (x *sourceTask[T]) advance(w int64) error {
	if x.idle {
		if err := x.turn(false); err != nil {
			return err
		}
	}
	x.emitted = w
	x.l.table.moves.Add(1)
	return x.task.Chain.Signal(signal{Kind: runtime.Watermark, At: w})
}

// turn sends on whether the source is silent.
func (x *sourceTask[T]) turn(idle bool) error {
	x.idle = idle
	if runtime.Is(runtime.StaleIdle) && !idle {
		return nil
	}
	return x.task.Chain.Signal(signal{Kind: runtime.WatermarkStatus, Idle: idle})
}

// Tick implements runtime.Input.
func (x *sourceTask[T]) Tick(now time.Time) error {
	for _, a := range x.splits {
		if w := a.generator.OnTick(now, a.watermark); w > a.watermark {
			a.watermark = w
			x.l.clock.Advance(a.id, w, now)
			x.l.table.raise(a.id, w)
		}
	}
	if w := x.l.clock.Combined(); w > x.emitted {
		if err := x.advance(w); err != nil {
			return err
		}
	}
	return x.task.Chain.Signal(signal{Kind: runtime.Tick, Now: now})
}

// take sends a barrier, before that of a drain the greatest watermark, and behind the
// final one the end.
func (x *sourceTask[T]) take(b *runtime.Barrier) (runtime.Outcome, error) {
	if b.Finished && x.emitted < MaxWatermark {
		return runtime.Did, x.advance(MaxWatermark)
	}
	x.cut = b
	if err := x.task.Cut(b); err != nil {
		return runtime.Did, err
	}
	if !b.Final {
		return runtime.Did, nil
	}
	return runtime.Ended, x.task.Chain.Signal(signal{Kind: runtime.End})
}

// signal keeps, at a barrier, the splits of this subtask as they are between two reads.
func (x *sourceTask[T]) signal(s signal) error {
	if s.Kind == runtime.Cut {
		list, err := x.l.table.snapshot(x.env.subtask, s.Barrier.ID, x.emitted, x.l.clock)
		if err != nil {
			return fmt.Errorf("checkpoint %d: %w", s.Barrier.ID, err)
		}
		x.keepList(splitsState, list)
		if !s.Barrier.Final {
			x.leave(s.Barrier.ID)
		}
	}
	return x.base.signal(s)
}

// leave lets the splits go that are to move. Nobody can tell what they have until they are read again.
func (x *sourceTask[T]) leave(barrierID int64) {
	for _, a := range slices.Clone(x.splits) {
		if x.l.table.leave(a.id, barrierID) {
			a.left = true
			x.forget(a)
			x.l.clock.Seen(a.id, false, true, time.Time{}, 0)
			a.stop()
		}
	}
}

// drop leaves a read to the subtask that the split has gone to.
func (x *sourceTask[T]) drop(a *activeSplit[T], read *Read[T]) {
	if runtime.Is(runtime.LoseMoved) && read.Offset != nil {
		x.l.table.progress(a.id, progress{offset: append([]byte(nil), read.Offset...), watermark: a.watermark})
	}
	if read.Release != nil {
		read.Release()
	}
}
