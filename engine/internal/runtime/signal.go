package runtime

import (
	"sync/atomic"
	"time"

	"taxistream/engine/checkpoint"
)

// Kind tells signals apart.
type Kind uint8

// The kinds of signals.
const (
	// Watermark: no element with event time <= At will follow.
	Watermark Kind = iota
	// Cut: a barrier passes; what is before it belongs to its checkpoint.
	Cut
	// Flush: what waits in batches that are not full goes on.
	Flush
	// Tick: processing time is Now.
	Tick
	// Committed: the checkpoint At, and those before it, are safe.
	Committed
	// End: nothing follows; the job ends in order.
	End
	// WatermarkStatus: what sends this is idle, and does not count in the watermarks of what reads it, or counts again.
	WatermarkStatus
)

// Signal is what flows beside the elements, in order with them. Watermark, Cut, End and
// WatermarkStatus cross exchanges; Flush, Tick and Committed stay within a task.
type Signal struct {
	Kind    Kind
	Idle    bool      // WatermarkStatus
	At      int64     // Watermark: ms since the epoch; Committed: a checkpoint's id
	Barrier *Barrier  // Cut
	Now     time.Time // Tick
}

// Barrier cuts the job's streams at one place each. One object goes through the
// whole job; all but given is fixed when it is made.
type Barrier struct {
	ID       int64
	Final    bool // the job ends behind it
	Finished bool // of a drain: behind the greatest watermark
	// Portable: the checkpoint is to hold every state whole, in the form that each backend
	// reads, and link none: it is a savepoint, or one is made of it.
	Portable bool
	// Writer takes what the barrier's checkpoint holds; nil: there is no store, or it failed.
	Writer checkpoint.Writer

	given atomic.Bool // given up: nobody waits for answers any more
}

// GivenUp tells that the barrier's checkpoint will never be whole.
func (b *Barrier) GivenUp() bool { return b.given.Load() }
