package engine

import (
	"fmt"
	"time"

	"taxistream/engine/watermark"
)

// exchangeTask drives the chain behind an exchange in one subtask: it merges its
// channels' elements, watermarks and barriers into one sequence of calls.
type exchangeTask[T any] struct {
	task       *task
	ex         *exchange[T]
	in         *inbox[T]
	first      input[T]
	watermarks *watermark.Channels
	align      *aligner
}

func (ex *exchange[T]) build(t *taskBuild) (worker, error) {
	first, err := ex.first(t)
	if err != nil {
		return nil, err
	}
	in := ex.inboxes[t.subtask]
	n := len(in.channels)
	x := &exchangeTask[T]{
		task: t.task, ex: ex, in: in, first: first,
		watermarks: watermark.NewChannels(n), align: newAligner(n),
	}
	t.task.first = first
	ex.node.counters[t.subtask].fill = in.fill
	return x, nil
}

// loop ends with the channels, an error or the job's context. Batches that are
// not full go on as soon as there is nothing more to do.
func (x *exchangeTask[T]) loop() error {
	ticks, stop := x.task.run.config.Clock.Ticker(x.task.run.config.TickInterval)
	defer stop()
	for {
		did, ended, err := x.step()
		if ended || err != nil {
			return err
		}
		if !did {
			if err := x.wait(ticks); err != nil {
				return err
			}
			continue
		}
		select {
		case now := <-ticks:
			if err := x.onTick(now); err != nil {
				return err
			}
		case <-x.task.notify:
			if err := x.task.commit(); err != nil {
				return err
			}
		default:
		}
	}
}

func (x *exchangeTask[T]) step() (did, ended bool, err error) {
	ch, m, ok := x.in.take()
	if !ok {
		return false, false, nil
	}
	ended, err = x.handle(ch, m)
	return true, ended, err
}

func (x *exchangeTask[T]) onTick(now time.Time) error { return x.first.tick(now) }

// wait does what is left to do without input until there is some.
func (x *exchangeTask[T]) wait(ticks <-chan time.Time) error {
	if err := x.first.flush(); err != nil {
		return err
	}
	select {
	case <-x.in.wake:
		return nil
	case now := <-ticks:
		return x.onTick(now)
	case <-x.task.notify:
		return x.task.commit()
	case <-x.task.ctx.Done():
		return x.task.ctx.Err()
	}
}

func (x *exchangeTask[T]) handle(ch int, m message[T]) (ended bool, err error) {
	switch m.kind {
	case messageBatch:
		err = x.first.elements(m.batch.elements)
		m.batch.elements = m.batch.elements[:0]
		x.ex.pool.Put(m.batch)
		return false, err
	case messageWatermark:
		assertf(m.watermark > x.watermarks.Of(ch), "a watermark goes back on channel %d of %s", ch, x.ex.node.name)
		if combined, moved := x.watermarks.Advance(ch, m.watermark); moved {
			err = x.first.watermark(combined)
		}
		return false, err
	case messageBarrier:
		return false, x.barrier(ch, m.barrier)
	case messageEnd:
		all, err := x.align.end(ch)
		if err != nil || !all {
			return false, err
		}
		return true, x.first.end()
	}
	return false, fmt.Errorf("message of unknown kind %d", m.kind)
}

func (x *exchangeTask[T]) barrier(ch int, b *barrier) error {
	x.in.shut(ch)
	complete, err := x.align.barrier(ch, b)
	if err != nil || !complete {
		return err
	}
	x.in.open()
	return x.task.snapshot(b)
}
