// Package watermark finds and sends the producer's watermarks. A watermark T
// promises that no later record has an event time <= T; the producer keeps the
// promise on every shard at once by a value that lies below every trip not yet
// acknowledged, wherever it waits (contract, "Events on the stream").
//
// Tracker, Schedule and Sender are driven by calls of one goroutine; they read
// no clock and make no call.
package watermark

import "math"

// None is the watermark before the first event.
const None = math.MinInt64

// Tracker knows the lowest event time that is not acknowledged. Trips are added
// in batches in event-time order, and acknowledged in any order; a batch counts
// what is left of it, so the cost does not depend on the number of trips. Memory
// is one entry a batch that waits: the producer's -max-outstanding bounds it.
type Tracker struct {
	batches []batch // from the oldest not wholly acknowledged
	head    int     // index in batches of the oldest
	base    uint64  // number of the batch at head
	last    int64
	any     bool
}

type batch struct {
	first int64 // lowest event time in it, ms
	left  int   // trips not acknowledged
}

// Add enters n > 0 trips with event times from first to last and returns the
// batch's number. It panics if first lies before an event time that was added.
func (t *Tracker) Add(first, last int64, n int) uint64 {
	if n <= 0 || last < first || t.any && first < t.last {
		panic("watermark: batch out of event-time order")
	}
	t.last, t.any = last, true
	t.batches = append(t.batches, batch{first, n})
	return t.base + uint64(len(t.batches)-t.head) - 1
}

// Ack notes that n trips of a batch are on the stream. It panics if the batch
// does not have so many left: a trip acknowledged twice would break the promise.
func (t *Tracker) Ack(number uint64, n int) {
	i := t.head + int(number-t.base)
	if number < t.base || i >= len(t.batches) || t.batches[i].left < n {
		panic("watermark: trip acknowledged twice")
	}
	t.batches[i].left -= n
	for t.head < len(t.batches) && t.batches[t.head].left == 0 {
		t.head++
		t.base++
	}
	if t.head > 32 && t.head > len(t.batches)/2 {
		t.batches = t.batches[:copy(t.batches, t.batches[t.head:])]
		t.head = 0
	}
}

// Low is the highest watermark that holds now, in ms: below every trip not
// acknowledged and below every trip still to be added. None before the first.
func (t *Tracker) Low() int64 {
	switch {
	case !t.any:
		return None
	case t.head < len(t.batches):
		return t.batches[t.head].first - 1
	}
	return t.last - 1
}

// Last is the greatest event time added; false if there is none.
func (t *Tracker) Last() (int64, bool) { return t.last, t.any }

// Waiting is the number of batches with a trip not acknowledged.
func (t *Tracker) Waiting() int { return len(t.batches) - t.head }
