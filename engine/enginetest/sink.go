package enginetest

import (
	"context"
	"sync"

	"taxistream/engine"
)

// Collect is a sink that keeps everything it is given, over all runs that it is
// used in. It is safe for many goroutines.
type Collect[T any] struct {
	mu       sync.Mutex
	elements []engine.Element[T]
	// OnWrite, if not nil, is called with each batch before it is kept; set it before the job runs.
	OnWrite func(batch []engine.Element[T]) error
	// Fail, if not nil, is asked before each write and prepare; set it before the job runs.
	Fail func(operation string) error
}

// Open implements engine.Sink.
func (c *Collect[T]) Open(context.Context, engine.Subtask, [][]byte) (engine.SinkWriter[T], error) {
	return collectWriter[T]{c}, nil
}

// Elements is a copy of what was written, in the order of writing.
func (c *Collect[T]) Elements() []engine.Element[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]engine.Element[T](nil), c.elements...)
}

// Take is what was written since the last Take, in the order of writing.
func (c *Collect[T]) Take() []engine.Element[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.elements
	c.elements = nil
	return taken
}

// Add keeps elements that came another way.
func (c *Collect[T]) Add(elements ...engine.Element[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.elements = append(c.elements, elements...)
}

type collectWriter[T any] struct{ c *Collect[T] }

func (w collectWriter[T]) Write(_ context.Context, batch []engine.Element[T]) error {
	if err := w.fail("write"); err != nil {
		return err
	}
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	if w.c.OnWrite != nil {
		if err := w.c.OnWrite(batch); err != nil {
			return err
		}
	}
	w.c.elements = append(w.c.elements, batch...)
	return nil
}

func (w collectWriter[T]) Prepare(context.Context, int64) ([]byte, error) {
	return nil, w.fail("prepare")
}

func (w collectWriter[T]) Committed(context.Context, int64) error { return nil }
func (w collectWriter[T]) Close() error                           { return nil }

func (w collectWriter[T]) fail(operation string) error {
	if w.c.Fail == nil {
		return nil
	}
	return w.c.Fail(operation)
}
