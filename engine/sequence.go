package engine

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
)

// Sequence is a bounded source of elements that a function makes from their numbers: a slice,
// or generated data. What it reads it can read again, so jobs that go on from a checkpoint lose nothing.
type Sequence[T any] struct {
	// Count is the number of elements.
	Count int64
	// At gives element i, 0 to Count - 1, the same each time. It is called by many goroutines at once.
	At func(i int64) Element[T]
	// Parts is the number of splits, which are read side by side; 1. Split s has the elements s, s + Parts and
	// so on, so their event times rise together if those of the sequence do.
	Parts int
}

// Bounded implements Bounded.
func (Sequence[T]) Bounded() bool { return true }

// Splits implements Source.
func (s Sequence[T]) Splits(context.Context) ([]Split, error) {
	if s.At == nil || s.Count < 0 || s.Parts < 0 {
		return nil, fmt.Errorf("a Sequence of %d elements in %d parts: it needs At, and numbers that are not negative", s.Count, s.Parts)
	}
	var splits []Split
	for part := range s.parts() {
		splits = append(splits, Split{ID: s.id(part)})
	}
	return splits, nil
}

// Open implements Source. An offset is the number of the next element, in eight bytes.
func (s Sequence[T]) Open(_ context.Context, split Split) (SplitReader[T], error) {
	r := &sequenceReader[T]{s: s, free: make(chan []Element[T], sequenceBuffers)}
	for int(r.next) < s.parts() && s.id(int(r.next)) != split.ID {
		r.next++
	}
	switch {
	case int(r.next) == s.parts():
		return nil, fmt.Errorf("a Sequence in %d parts has no split %s: it was in another number of parts when the checkpoint was taken",
			s.parts(), split.ID)
	case split.Offset == nil:
	case len(split.Offset) != 8:
		return nil, fmt.Errorf("the offset %q of split %s is not one of a Sequence", split.Offset, split.ID)
	default:
		r.next = int64(binary.BigEndian.Uint64(split.Offset))
	}
	return r, nil
}

func (s Sequence[T]) parts() int { return max(1, s.Parts) }

// id names a split with the number of parts: read in another number of them, it would be another one.
func (s Sequence[T]) id(part int) string { return fmt.Sprintf("%d-of-%d", part+1, s.parts()) }

const (
	sequenceRead    = 1000 // elements at once
	sequenceBuffers = 8    // that are used again
)

type sequenceReader[T any] struct {
	s    Sequence[T]
	next int64
	free chan []Element[T]
}

// Next implements SplitReader.
func (r *sequenceReader[T]) Next(context.Context) (Read[T], error) {
	var buffer []Element[T]
	select {
	case buffer = <-r.free:
	default:
		buffer = make([]Element[T], 0, min(sequenceRead, r.s.Count))
	}
	for ; r.next < r.s.Count && len(buffer) < sequenceRead; r.next += int64(r.s.parts()) {
		buffer = append(buffer, r.s.At(r.next))
	}
	end := r.next >= r.s.Count
	return Read[T]{
		Elements: buffer, Offset: binary.BigEndian.AppendUint64(nil, uint64(r.next)), End: end, AtTip: end,
		Release: func() {
			select {
			case r.free <- buffer[:0]:
			default:
			}
		},
	}, nil
}

// Close implements SplitReader.
func (*sequenceReader[T]) Close() error { return nil }

// SinkFunc makes a sink of a function that takes each batch, for output that may be repeated: after
// a restart f gets again what came since the last checkpoint (the idempotent contract of Sink). All subtasks
// share f, which is called by one of them at a time. A batch is valid during the call.
func SinkFunc[T any](f func(batch []Element[T]) error) Sink[T] { return &sinkFunc[T]{f: f} }

// sinkFunc is the sink and the writer of each subtask. mu guards calls of f.
type sinkFunc[T any] struct {
	mu sync.Mutex
	f  func(batch []Element[T]) error
}

func (s *sinkFunc[T]) Open(context.Context, Subtask, [][]byte) (SinkWriter[T], error) { return s, nil }

func (s *sinkFunc[T]) Write(_ context.Context, batch []Element[T]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.f(batch)
}

func (*sinkFunc[T]) Prepare(context.Context, int64) ([]byte, error) { return nil, nil }
func (*sinkFunc[T]) Committed(context.Context, int64) error         { return nil }
func (*sinkFunc[T]) Close() error                                   { return nil }
