// Package window cuts event time into windows.
//
// A window includes its start and excludes its end. Windows are aligned to the
// epoch, before it too. Assigners hold no state and may be shared; what they
// return is appended to the caller's slice.
package window

import (
	"fmt"
	"time"
)

// Window is a span of event time, in ms since the epoch: [Start, End).
type Window struct{ Start, End int64 }

// MaxTime is the last instant inside the window; the watermark that reaches it
// ends the window.
func (w Window) MaxTime() int64 { return w.End - 1 }

// Contains tells whether t is inside the window.
func (w Window) Contains(t int64) bool { return w.Start <= t && t < w.End }

// String prints the window's bounds.
func (w Window) String() string {
	if w == GlobalWindow {
		return "global"
	}
	const layout = "2006-01-02T15:04:05.000Z"
	return fmt.Sprintf("[%s, %s)", time.UnixMilli(w.Start).UTC().Format(layout), time.UnixMilli(w.End).UTC().Format(layout))
}

// Assigner gives the windows that an element belongs to.
type Assigner interface {
	// Assign appends the windows of event time t, by start, to dst.
	Assign(t int64, dst []Window) []Window
}

// Partition is an Assigner whose windows do not overlap: what is inside one of
// them belongs to it alone.
type Partition interface {
	Assigner
	// Partition does nothing; it makes the promise.
	Partition()
}

// Start is the start of the window of length size (ms, positive) that holds t.
func Start(t, size int64) int64 {
	rest := t % size
	if rest < 0 {
		rest += size
	}
	return t - rest
}
