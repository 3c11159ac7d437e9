package engine

import (
	"context"
	"time"
)

// Split is a part of a source that is read in order: a shard, a file, a partition.
type Split struct {
	// ID names the split for ever; ids are never used twice.
	ID string
	// Parents are the splits whose elements come before this one's (a shard split
	// or merged). It is read after all of them have ended.
	Parents []string
	// Offset is where to go on, as a reader returned it; nil: at the start.
	Offset []byte
	// Watermark is the split's last watermark: NoWatermark for one that never had
	// any, the lowest of its parents' last ones for a child that begins.
	Watermark int64
	// Initial is set for the splits of the first listing of a job that started
	// from no checkpoint: a start position applies to these alone.
	Initial bool
}

// Source is a set of splits, known or to be discovered.
//
// Its methods are called from the runtime's goroutines, one call of Splits at a
// time. A source may also implement Bounded.
type Source[T any] interface {
	// Splits lists all splits known now, with ID and Parents; the rest is the
	// runtime's. Called at the start, every DiscoverInterval, and when a split ends
	// that names no children. An error at the start fails the job, a later one is
	// reported and tried again.
	Splits(ctx context.Context) ([]Split, error)
	// Open begins to read a split from its Offset.
	Open(ctx context.Context, split Split) (SplitReader[T], error)
}

// Bounded is implemented by a source that can end: once all its splits have
// ended, the watermark becomes MaxWatermark and the job finishes. Of any other
// source with no split left the clock stands still.
type Bounded interface{ Bounded() bool }

// SplitReader reads one split. It is used by one goroutine of the runtime, which
// closes it.
type SplitReader[T any] interface {
	// Next blocks until there is something to say: elements, the end, or that the
	// tip is reached with nothing new (say so at least every few seconds). It
	// retries what can be retried; an error it returns fails the job. It returns
	// promptly when ctx ends.
	Next(ctx context.Context) (Read[T], error)
	Close() error
}

// Read is what a reader got at once.
type Read[T any] struct {
	// Elements in the split's order. The runtime holds the slice until Release and
	// may overwrite it.
	Elements []Element[T]
	// Offset goes on after Elements; nil leaves it as it was.
	Offset []byte
	// Bytes is what was read, as it is outside, for SubtaskStatus.BytesIn; 0: the runtime estimates it.
	Bytes int64
	// AtTip: nothing more was there when this was read.
	AtTip bool
	// Interrupted: reads failed since the last one, so the time since then does
	// not count towards idleness.
	Interrupted bool
	// Lag is how far this read was behind the tip.
	Lag time.Duration
	// End: the split ends after Elements. Next is not called again.
	End bool
	// Children that follow an ended split, as far as the reader knows (ID and all Parents).
	Children []Split
	// Release, if not nil, is called once when the runtime needs Elements no more.
	Release func()
}
