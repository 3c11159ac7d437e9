package trigger

// Count fires for every n elements that come into a key's window.
func Count(n int64) Trigger {
	if n < 1 {
		panic("trigger: a count is at least 1")
	}
	return count{n}
}

// count's number is how many elements have come since it fired.
type count struct{ n int64 }

func (count) Numbers() int { return 1 }

func (t count) Element(s *State) Action {
	s.Numbers[0]++
	if s.Numbers[0] < t.n {
		return Continue
	}
	s.Numbers[0] = 0
	return Fire
}

func (count) Time(*State) Action           { return Continue }
func (count) Next(*State) (int64, int64)   { return Never, Never }
func (count) Merge(s *State, from []int64) { s.Numbers[0] += from[0] }

// NoFiring never fires. It is for one half of EarlyAndLate.
func NoFiring() Trigger { return noFiring{} }

type noFiring struct{}

func (noFiring) Numbers() int               { return 0 }
func (noFiring) Element(*State) Action      { return Continue }
func (noFiring) Time(*State) Action         { return Continue }
func (noFiring) Next(*State) (int64, int64) { return Never, Never }
func (noFiring) Merge(*State, []int64)      {}

// Purging empties the contents whenever t fires, so that each pane holds only what came
// since the one before.
func Purging(t Trigger) Trigger { return purging{t} }

type purging struct{ Trigger }

func (p purging) Element(s *State) Action { return purge(p.Trigger.Element(s)) }
func (p purging) Time(s *State) Action    { return purge(p.Trigger.Time(s)) }

func purge(a Action) Action {
	if a&Fire != 0 {
		a |= Purge
	}
	return a
}
