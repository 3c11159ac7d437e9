package trigger

import (
	"math"
	"time"

	"taxistream/engine/window"
)

// EveryEventTime fires whenever the watermark passes a multiple of d, from the first
// element's own on, at the window's end, and for each element behind that. Several
// multiples that pass at once make one firing.
func EveryEventTime(d time.Duration) Trigger { return everyEventTime{interval(d)} }

// everyEventTime's numbers: 1 once there was an element, the time of the next firing before
// the window's end, and whether the watermark has been there, as of eventTime.
type everyEventTime struct{ d int64 }

func (everyEventTime) Numbers() int { return 3 }

func (t everyEventTime) Element(s *State) Action {
	if action := (eventTime{}).Element(s.sub(2, 1)); action != Continue {
		return action
	}
	if s.Numbers[0] == 0 {
		s.Numbers[0], s.Numbers[1] = 1, window.Start(s.At, t.d)+t.d
	}
	return Continue
}

func (t everyEventTime) Time(s *State) Action {
	if action := (eventTime{}).Time(s.sub(2, 1)); action != Continue {
		return action
	}
	if s.Numbers[0] == 0 || s.Watermark < s.Numbers[1] {
		return Continue
	}
	s.Numbers[1] = window.Start(s.Watermark, t.d)
	if s.Numbers[1] > math.MaxInt64-t.d {
		s.Numbers[1] = math.MaxInt64
	} else {
		s.Numbers[1] += t.d
	}
	return Fire
}

func (everyEventTime) Next(s *State) (watermark, processing int64) {
	watermark, _ = eventTime{}.Next(s.sub(2, 1))
	if s.Numbers[0] != 0 && s.Numbers[2] == 0 {
		watermark = min(watermark, s.Numbers[1])
	}
	return watermark, Never
}

func (everyEventTime) Merge(s *State, from []int64) { earliest(s.Numbers, from) }
