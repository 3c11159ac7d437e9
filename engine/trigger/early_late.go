package trigger

// EarlyAndLate fires when the watermark reaches the window's end; before that whenever
// early does, and behind it whenever late does. nil as early is NoFiring, as late it is a
// firing for each element. A window whose first element comes behind its end fires for it.
func EarlyAndLate(early, late Trigger) Trigger {
	if early == nil {
		early = NoFiring()
	}
	if late == nil {
		late = Count(1)
	}
	return earlyAndLate{early, late}
}

// earlyAndLate's numbers: 1 once it has fired for the window's end; those of early; those of late.
type earlyAndLate struct{ early, late Trigger }

func (t earlyAndLate) Numbers() int { return 1 + t.early.Numbers() + t.late.Numbers() }

// at is the trigger whose turn it is, with its state.
func (t earlyAndLate) at(s *State) (Trigger, *State) {
	if s.Numbers[0] == 0 {
		return t.early, t.earlyState(s)
	}
	return t.late, t.lateState(s)
}

func (t earlyAndLate) earlyState(s *State) *State { return s.sub(1, t.early.Numbers()) }
func (t earlyAndLate) lateState(s *State) *State {
	return s.sub(1+t.early.Numbers(), t.late.Numbers())
}

// end tells, once, that the watermark is at the window's end.
func (t earlyAndLate) end(s *State) bool {
	if s.Numbers[0] != 0 || s.Watermark < s.Window.MaxTime() {
		return false
	}
	s.Numbers[0] = 1
	return true
}

func (t earlyAndLate) Element(s *State) Action {
	if t.end(s) {
		return Fire
	}
	trigger, state := t.at(s)
	return trigger.Element(state)
}

func (t earlyAndLate) Time(s *State) Action {
	if t.end(s) {
		return Fire
	}
	trigger, state := t.at(s)
	return trigger.Time(state)
}

func (t earlyAndLate) Next(s *State) (watermark, processing int64) {
	trigger, state := t.at(s)
	watermark, processing = trigger.Next(state)
	if s.Numbers[0] == 0 {
		watermark = min(watermark, s.Window.MaxTime())
	}
	return watermark, processing
}

// Merge begins anew: what was merged is early, or fires for its end with the next element.
func (t earlyAndLate) Merge(s *State, from []int64) {
	t.early.Merge(t.earlyState(s), from[1:1+t.early.Numbers()])
}
