package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// fetcher reads one split and hands what it reads to the split's subtask.
type fetcher[T any] struct {
	source *sourceNode[T]
	entry  *splitEntry
	split  Split // as it was when the reading began

	reader SplitReader[T]
	active *activeSplit[T]
}

// work reads until the split ends or ctx does: the goroutine of the split. It waits
// while its subtask is busy.
func (f *fetcher[T]) work(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = f.blame(&PanicError{Value: v, Stack: string(debug.Stack())})
		}
		if ctx.Err() != nil {
			err = nil // what fails after the end began is a consequence
		}
	}()
	defer func() { err = errors.Join(err, f.close()) }()
	for ended := false; !ended; {
		var got fetched[T]
		if got, ended, err = f.next(ctx); err != nil {
			return err
		}
		select {
		case f.queue() <- got:
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// next opens the reader, or reads. The opening gives an empty read, which only
// makes the split known to its subtask's ticks.
func (f *fetcher[T]) next(ctx context.Context) (got fetched[T], ended bool, err error) {
	if f.reader == nil {
		if f.reader, err = f.source.source.Open(ctx, f.split); err != nil {
			return got, false, f.blame(fmt.Errorf("open: %w", err))
		}
		f.active = &activeSplit[T]{entry: f.entry, generator: f.source.strategy(f.split), watermark: f.split.Watermark}
		return fetched[T]{split: f.active}, false, nil
	}
	read, err := f.reader.Next(ctx)
	if err != nil {
		return got, false, f.blame(err)
	}
	return fetched[T]{split: f.active, read: read}, read.End, nil
}

func (f *fetcher[T]) queue() chan fetched[T] { return f.source.queues[f.entry.subtask] }

func (f *fetcher[T]) close() error {
	if f.reader == nil {
		return nil
	}
	if err := f.reader.Close(); err != nil {
		return f.blame(fmt.Errorf("close: %w", err))
	}
	return nil
}

func (f *fetcher[T]) blame(err error) error {
	return &OperatorError{Operator: f.source.node.name, Subtask: f.entry.subtask, Err: fmt.Errorf("read split %s: %w", f.split.ID, err)}
}

// driven reads once under a Driver, if the subtask has room. ended: there is nothing more to read.
func (f *fetcher[T]) driven(ctx context.Context) (ended bool, err error) {
	if len(f.queue()) == cap(f.queue()) {
		return false, nil
	}
	got, ended, err := f.next(ctx)
	if err != nil {
		return false, err
	}
	f.queue() <- got
	if ended {
		return true, f.close()
	}
	return false, nil
}
