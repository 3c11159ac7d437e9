package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"taxistream/engine/internal/runtime"
)

// fetcher reads one split and hands what it reads to the split's subtask. It opens the
// split at its first step, reads once a step, and ends with its split, or when reading
// stops, or its split leaves the subtask.
//
// Invariant: it holds at most one read that its subtask had no room for, and reads on
// only when that is gone, and its split is not too far ahead of the others.
type fetcher[T any] struct {
	l       *sourceLink[T]
	split   Split // as it was when the reading began
	subtask int
	waker   runtime.Waker
	ctx     context.Context //nolint:containedctx // the reader's: a fetcher is its life
	cancel  context.CancelFunc

	reader  SplitReader[T]
	active  *activeSplit[T]
	held    *fetched[T]
	outcome runtime.Outcome // of the step that read held, once it is handed over
	offset  []byte          // behind what was read
	paused  bool            // since its last read it was too far ahead
}

func newFetcher[T any](l *sourceLink[T], s Split, subtask int) *fetcher[T] {
	f := &fetcher[T]{l: l, split: s, subtask: subtask, offset: s.Offset, waker: runtime.NewWaker()}
	f.ctx, f.cancel = context.WithCancel(l.a.x.Reading)
	if l.maxDrift >= 0 {
		l.clock.Reading(s.ID)
	}
	return f
}

// Name implements runtime.Actor.
func (f *fetcher[T]) Name() string { return f.l.node.name + " reads " + f.split.ID }

// Waker implements runtime.Actor.
func (f *fetcher[T]) Waker() runtime.Waker { return f.waker }

// Step implements runtime.Actor.
func (f *fetcher[T]) Step(time.Time) (runtime.Outcome, error) {
	if f.ctx.Err() != nil {
		return runtime.Ended, nil
	}
	if f.held == nil {
		opens := f.reader == nil
		if !opens && f.l.ahead(f.split.ID, f.waker) {
			f.paused = true
			return runtime.Blocked, nil
		}
		got, err := f.next()
		if err != nil {
			if f.ctx.Err() != nil { // what fails after the end began is a consequence
				return runtime.Ended, nil
			}
			return runtime.Did, err
		}
		f.held, f.outcome = got, runtime.Did
		if !opens && len(got.read.Elements) == 0 && !got.read.End {
			f.outcome = runtime.Empty
		}
	}
	if !f.l.queues[f.subtask].Offer(0, *f.held, f.waker) {
		return runtime.Blocked, nil
	}
	ended := f.held.read.End
	f.held = nil
	if ended {
		return runtime.Ended, nil
	}
	return f.outcome, nil
}

// next opens the reader, or reads. The opening gives an empty read, which only
// makes the split known to its subtask's ticks.
func (f *fetcher[T]) next() (*fetched[T], error) {
	if f.reader == nil {
		reader, err := f.l.source.Open(f.ctx, f.split)
		if err != nil {
			return nil, fmt.Errorf("open: %w", err)
		}
		f.reader = reader
		f.active = &activeSplit[T]{
			id: f.split.ID, stop: f.stop, generator: f.l.strategy(f.split), watermark: f.split.Watermark, offset: f.split.Offset,
		}
		return &fetched[T]{split: f.active}, nil
	}
	read, err := f.reader.Next(f.ctx)
	if err != nil {
		return nil, err
	}
	read.Interrupted = read.Interrupted || f.paused // nobody knows what it had meanwhile
	f.paused = false
	if read.Offset != nil {
		f.offset = slices.Clone(read.Offset)
	}
	return &fetched[T]{split: f.active, read: read}, nil
}

// stop ends the reading, from another goroutine.
func (f *fetcher[T]) stop() {
	f.cancel()
	f.waker.Wake()
}

// Close implements runtime.Closing.
func (f *fetcher[T]) Close() error {
	defer f.l.table.closed(f.split.ID)
	defer f.cancel()
	f.l.queues[f.subtask].Leave(0, f.waker)
	if f.held != nil && f.held.read.Release != nil {
		f.held.read.Release()
	}
	if f.reader == nil {
		return nil
	}
	if err := f.reader.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}

// Blame implements runtime.Actor.
func (f *fetcher[T]) Blame(err error) error {
	return &OperatorError{
		Operator: f.l.node.name, Subtask: f.subtask, Split: f.split.ID, Offset: f.offset,
		Err: fmt.Errorf("read split %s: %w", f.split.ID, unwrapPanic(err)),
	}
}
