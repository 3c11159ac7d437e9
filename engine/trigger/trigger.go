// Package trigger decides when what a key's window holds is emitted.
//
// A trigger is asked for each key and window by itself: when an element comes, and when
// the watermark or processing time reaches a time that it named. It keeps its state in a
// few numbers, which operators keep beside the window's contents, merge with windows and
// write into checkpoints; its timers are a function of these numbers (Next), so that none
// can be lost or left over.
package trigger

import (
	"math"

	"taxistream/engine/window"
)

// Action is what is to be done with the contents of a key's window.
type Action uint8

// The actions. Fire emits the contents, Purge then empties them; the window and the
// trigger's numbers stay as they are.
const (
	Continue     Action = 0
	Fire         Action = 1
	Purge        Action = 2
	FireAndPurge        = Fire | Purge
)

// Never is the time that does not come.
const Never int64 = math.MaxInt64

// State is what a trigger decides by.
type State struct {
	Window    window.Window
	Watermark int64   // of the operator
	Now       int64   // processing time, ms since the epoch
	At        int64   // event time of the element at work
	Numbers   []int64 // the trigger's own, for this key and window: all 0 in a new window
}

// sub is the state of a trigger within another.
func (s *State) sub(from, n int) *State {
	t := *s
	t.Numbers = s.Numbers[from : from+n]
	return &t
}

// Trigger decides for each key and window. It holds nothing but its settings; what it
// has to remember is in the numbers of a State. Action Fire on a window without contents
// does nothing.
type Trigger interface {
	// Numbers is how many numbers of state the trigger needs.
	Numbers() int
	// Element is called behind each element that has come into the window.
	Element(s *State) Action
	// Time is called when the watermark or processing time has reached what Next gave.
	Time(s *State) Action
	// Next gives the watermark and the processing time at which Time is to be called; Never: not at all.
	Next(s *State) (watermark, processing int64)
	// Merge takes in the numbers of a window that is merged into that of s, which is new: it
	// is called for each of them, before Element for the one that made them meet.
	Merge(s *State, from []int64)
}

// Timing tells when a pane was emitted, against the watermark and the end of its window.
type Timing uint8

// The timings.
const (
	// Early: the watermark has not reached the window's end.
	Early Timing = iota
	// OnTime: the first pane of the watermark's passage over the window's end.
	OnTime
	// Late: all that come after.
	Late
)

// String names the timing.
func (t Timing) String() string { return [...]string{"early", "on-time", "late"}[t] }

// Pane is one emission of a key's window.
type Pane struct {
	Window window.Window
	// Index counts the panes of the key and window from 0. A window that comes of a merge
	// begins anew.
	Index  int64
	Timing Timing
}
