package trigger

import (
	"time"

	"taxistream/engine/window"
)

// EventTime fires when the watermark reaches the window's end, and for each element that
// comes behind that. It is the trigger of windows of event time that have no other.
func EventTime() Trigger { return eventTime{} }

// eventTime's number is 1 once the watermark has been at the window's end.
type eventTime struct{}

func (eventTime) Numbers() int { return 1 }

func (eventTime) Element(s *State) Action { return eventTime{}.Time(s) }

func (eventTime) Time(s *State) Action {
	if s.Watermark < s.Window.MaxTime() {
		return Continue
	}
	s.Numbers[0] = 1
	return Fire
}

func (eventTime) Next(s *State) (watermark, processing int64) {
	if s.Numbers[0] != 0 {
		return Never, Never
	}
	return s.Window.MaxTime(), Never
}

func (eventTime) Merge(*State, []int64) {}

// ProcessingTime fires when processing time reaches the window's end. It is the trigger of
// windows of processing time that have no other.
func ProcessingTime() Trigger { return processingTime{} }

// processingTime's number is 1 while there are elements that it has not fired for.
type processingTime struct{}

func (processingTime) Numbers() int { return 1 }

func (processingTime) Element(s *State) Action {
	s.Numbers[0] = 1
	return Continue
}

func (processingTime) Time(s *State) Action {
	if s.Numbers[0] == 0 || s.Now < s.Window.MaxTime() {
		return Continue
	}
	s.Numbers[0] = 0
	return Fire
}

func (processingTime) Next(s *State) (watermark, processing int64) {
	if s.Numbers[0] == 0 {
		return Never, Never
	}
	return Never, s.Window.MaxTime()
}

func (processingTime) Merge(s *State, from []int64) { s.Numbers[0] = max(s.Numbers[0], from[0]) }

// waiting is the part of a trigger that waits for a processing time. Its numbers: 1 while it waits, and
// the time that it waits for.
type waiting struct{}

func (waiting) Numbers() int { return 2 }

func (waiting) Next(s *State) (watermark, processing int64) {
	if s.Numbers[0] == 0 {
		return Never, Never
	}
	return Never, s.Numbers[1]
}

func (waiting) Merge(s *State, from []int64) { earliest(s.Numbers, from) }

// After fires when processing time is d behind the first element that has come since it
// fired last: so a window that gets elements is emitted at most every d.
func After(d time.Duration) Trigger { return after{d: d.Milliseconds()} }

type after struct {
	waiting
	d int64
}

func (t after) Element(s *State) Action {
	if s.Numbers[0] == 0 {
		s.Numbers[0], s.Numbers[1] = 1, s.Now+t.d
	}
	return Continue
}

func (after) Time(s *State) Action {
	if s.Numbers[0] == 0 || s.Now < s.Numbers[1] {
		return Continue
	}
	s.Numbers[0] = 0
	return Fire
}

// earliest merges numbers of the form (1 while it waits, time).
func earliest(into, from []int64) {
	if from[0] != 0 && (into[0] == 0 || from[1] < into[1]) {
		copy(into, from[:2])
	}
}

// Every fires whenever processing time passes a multiple of d, from the first element on
// for as long as the window is there, whether or not something has come. Several that pass
// at once make one firing.
func Every(d time.Duration) Trigger { return every{d: interval(d)} }

// every's numbers: 1 once there was an element, and the time of the next firing.
type every struct {
	waiting
	d int64
}

func (t every) Element(s *State) Action {
	if s.Numbers[0] == 0 {
		s.Numbers[0], s.Numbers[1] = 1, window.Start(s.Now, t.d)+t.d
	}
	return Continue
}

func (t every) Time(s *State) Action {
	if s.Numbers[0] == 0 || s.Now < s.Numbers[1] {
		return Continue
	}
	s.Numbers[1] = window.Start(s.Now, t.d) + t.d
	return Fire
}

func interval(d time.Duration) int64 {
	if d < time.Millisecond {
		panic("trigger: an interval is at least 1 ms, not " + d.String())
	}
	return d.Milliseconds()
}
