package replay

import (
	"time"

	"taxistream/internal/trip"
)

// Gaps finds the stretches of event time without an event that are longer than
// -max-gap. All times here are the data's own plus the shift of their pass, in
// ms: the times that the pace goes by.
type Gaps struct {
	longest int64 // that is no gap; 0: there are none
	last    int64 // time of the last event noted
	any     bool
}

// NewGaps returns gaps longer than longest; 0: there are none.
func NewGaps(longest time.Duration) *Gaps { return &Gaps{longest: longest.Milliseconds()} }

// Note notes an event that was handed on, or that a gap was crossed to.
func (g *Gaps) Note(event int64) { g.last, g.any = event, true }

// Last is the time of the event noted last.
func (g *Gaps) Last() int64 { return g.last }

// Before reports whether a gap lies between the event noted last and the next.
func (g *Gaps) Before(event int64) bool {
	return g.any && g.longest > 0 && event-g.last > g.longest
}

// Until is how many of the next trips, of a pass shifted by shift ms, come before
// the first gap.
func (g *Gaps) Until(trips []trip.Trip, shift int64) int {
	if len(trips) == 0 || g.longest == 0 {
		return len(trips)
	}
	before := g.last
	if !g.any {
		before = trips[0].EventTime() + shift
	}
	if trips[len(trips)-1].EventTime()+shift-before <= g.longest {
		return len(trips) // as nearly always: there is no room for a gap
	}
	for i := range trips {
		event := trips[i].EventTime() + shift
		if event-before > g.longest {
			return i
		}
		before = event
	}
	return len(trips)
}
