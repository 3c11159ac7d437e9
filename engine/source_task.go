package engine

import (
	"fmt"
	"time"

	"taxistream/engine/checkpoint"
)

// sourceTask merges the reads of one subtask's splits into one sequence of
// elements, watermarks and barriers. A barrier falls between two reads.
type sourceTask[T any] struct {
	base
	source   *sourceNode[T]
	out      *Collector[T]
	queue    chan fetched[T]
	commands *commandQueue
	moved    <-chan struct{}
	splits   []*activeSplit[T]
	emitted  int64 // combined watermark sent
}

func (s *sourceNode[T]) build(t *taskBuild) (worker, error) {
	x := &sourceTask[T]{
		base: newBase(t, s.node), source: s, queue: s.queues[t.subtask], commands: s.commands[t.subtask],
		moved: s.clock.Listen(), emitted: NoWatermark,
	}
	var err error
	if x.out, err = s.out.build(t, &x.base); err != nil {
		return nil, err
	}
	if _, err := buildSides(t, &x.base); err != nil {
		return nil, err
	}
	t.task.first = x
	s.node.counters[t.subtask].fill = func() float64 { return float64(len(x.queue)) / float64(cap(x.queue)) }
	return x, nil
}

// loop ends with a final barrier, an error or the job's context.
func (x *sourceTask[T]) loop() error {
	ticks, stop := x.task.run.config.Clock.Ticker(x.task.run.config.TickInterval)
	defer stop()
	if err := x.advance(); err != nil { // a restored clock comes before any element
		return err
	}
	for {
		if len(x.queue) == 0 {
			if err := x.flush(); err != nil {
				return err
			}
		}
		var err error
		select {
		case f := <-x.queue:
			err = x.take(&f)
		case <-x.moved:
			err = x.advance()
		case <-x.commands.wake:
			ended, err := x.obey()
			if ended || err != nil {
				return err
			}
		case now := <-ticks:
			err = x.onTick(now)
		case <-x.task.notify:
			err = x.task.commit()
		case <-x.task.ctx.Done():
			err = x.task.ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// step is the loop's turn under a Driver.
func (x *sourceTask[T]) step() (did, ended bool, err error) {
	select {
	case f := <-x.queue:
		return true, false, x.take(&f)
	case <-x.commands.wake:
		ended, err = x.obey()
		return true, ended, err
	case <-x.moved:
		return true, false, x.advance()
	default:
		return false, false, nil
	}
}

func (x *sourceTask[T]) take(f *fetched[T]) error {
	if err := x.elements(f); err != nil {
		return err
	}
	return x.advance()
}

// elements sends on what one read brought and notes how far its split has come.
func (x *sourceTask[T]) elements(f *fetched[T]) error {
	a, read := f.split, &f.read
	if !a.known {
		a.known = true
		x.splits = append(x.splits, a)
	}
	kept, regressions := x.generate(a, read.Elements)
	x.n.in.Add(int64(len(read.Elements)))
	x.n.out.Add(int64(len(kept)))
	x.out.forward(kept)
	if x.out.err != nil {
		return x.out.err
	}
	now := x.task.run.config.Clock.Now()
	x.source.clock.Advance(a.entry.ID, a.watermark, now)
	x.source.clock.Seen(a.entry.ID, read.AtTip && len(read.Elements) == 0, read.Interrupted, now)
	x.source.table.progress(a.entry, read.Offset, a.watermark, int64(len(read.Elements)), regressions, read.AtTip, read.Lag)
	if read.Release != nil {
		read.Release()
	}
	if read.End {
		x.forget(a)
		x.source.table.end(a.entry, read.Children)
	}
	return nil
}

// generate drives the split's generator over a read and closes the gaps that
// elements leave which are not data.
func (x *sourceTask[T]) generate(a *activeSplit[T], elements []Element[T]) (kept []Element[T], regressions int64) {
	n := 0
	for i := range elements {
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
	return elements[:n], regressions
}

func (x *sourceTask[T]) forget(a *activeSplit[T]) {
	for i, other := range x.splits {
		if other == a {
			x.splits = append(x.splits[:i], x.splits[i+1:]...)
			return
		}
	}
}

// advance sends the combined watermark on if it has moved.
func (x *sourceTask[T]) advance() error {
	w := x.source.clock.Combined()
	if w <= x.emitted {
		return nil
	}
	x.emitted = w
	return x.watermark(w)
}

func (x *sourceTask[T]) onTick(now time.Time) error {
	for _, a := range x.splits {
		w := a.generator.OnTick(now, a.watermark)
		if w > a.watermark {
			a.watermark = w
			x.source.clock.Advance(a.entry.ID, w, now)
			x.source.table.progress(a.entry, nil, w, 0, 0, a.entry.atTip, a.entry.lag)
		}
	}
	if err := x.advance(); err != nil {
		return err
	}
	return x.tick(now)
}

// obey carries out the commands that wait. ended: the stream is over.
func (x *sourceTask[T]) obey() (ended bool, err error) {
	for {
		c, ok := x.commands.take()
		if !ok {
			return false, nil
		}
		if c.barrier.finished && x.emitted < MaxWatermark {
			x.emitted = MaxWatermark
			if err := x.watermark(MaxWatermark); err != nil {
				return false, err
			}
		}
		if err := x.advance(); err != nil { // what Status shows has fired before a stop
			return false, err
		}
		if err := x.task.snapshot(c.barrier); err != nil {
			return false, err
		}
		if c.barrier.final {
			return true, x.end()
		}
	}
}

// barrier keeps the splits of this subtask, as they are between two reads.
func (x *sourceTask[T]) barrier(b *barrier) error {
	list, err := x.source.table.snapshot(x.task.subtask, b.id, x.emitted, x.source.clock)
	if err != nil {
		return fmt.Errorf("checkpoint %d: %w", b.id, err)
	}
	x.task.keep(x.node, checkpoint.OperatorState{List: list})
	return x.base.barrier(b)
}
