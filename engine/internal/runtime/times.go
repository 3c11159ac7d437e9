package runtime

import (
	"sync"
	"time"
)

// Times is what a task's processing time goes to: work, waiting for room, waiting for input.
// From the beginning of one step to that of the next it counts for what came of the step:
// so a step's own work, and that of user code in it, is busy.
//
// Invariants, under mu: spent adds up to the time from the first step to at; share is of the
// last span that was over, or of the first one so far.
type Times struct {
	mu    sync.Mutex
	at    time.Time // spent reaches to here; zero: before the first step
	state Outcome   // since at
	spent Spent
	share [3]float64

	began time.Time // of the span
	base  Spent     // at its beginning
}

// Spent is processing time by what it went to.
type Spent struct{ Busy, Backpressured, Idle time.Duration }

// span is the time over which shares are taken.
const span = time.Second

// begin notes that a step begins.
func (t *Times) begin(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at.IsZero() {
		t.at, t.began = now, now
	}
	t.until(now)
	t.state = Did // while it lasts
}

// ended notes what came of the step.
func (t *Times) ended(o Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state = o
}

// Read gives the times up to now, and the shares of the last second that is over: busy,
// backpressured, idle.
func (t *Times) Read(now time.Time) (Spent, [3]float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.at.IsZero() {
		t.until(now)
	}
	return t.spent, t.share
}

func (t *Times) until(now time.Time) {
	d := max(0, now.Sub(t.at))
	t.at = now
	switch t.state {
	case Did:
		t.spent.Busy += d
	case Blocked:
		t.spent.Backpressured += d
	case Idle, Empty, Ended:
		t.spent.Idle += d
	}
	all := now.Sub(t.began)
	if all < span && (t.base != Spent{} || all <= 0) {
		return
	}
	of := func(now, base time.Duration) float64 { return float64(now-base) / float64(all) }
	t.share = [3]float64{of(t.spent.Busy, t.base.Busy), of(t.spent.Backpressured, t.base.Backpressured), of(t.spent.Idle, t.base.Idle)}
	if all >= span {
		t.began, t.base = now, t.spent
	}
}
