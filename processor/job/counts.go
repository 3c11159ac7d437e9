package job

import (
	"sync/atomic"

	"taxistream/internal/trip"
)

// reasons are all that a record or document can be rejected for.
var reasons = [...]trip.Reason{
	trip.ReasonMalformed, trip.ReasonOutsideCity, trip.ReasonNegativeDuration, trip.ReasonTooLong,
	trip.ReasonTooEarly, trip.ReasonLate, trip.ReasonDuplicate, trip.ReasonUnwritable,
}

// Counts counts rejects by reason, since the start of the process. It is safe
// for many goroutines.
type Counts struct{ n [len(reasons)]atomic.Int64 }

// Add counts n more; an unknown reason is counted as malformed.
func (c *Counts) Add(reason trip.Reason, n int64) {
	for i, r := range reasons {
		if r == reason {
			c.n[i].Add(n)
			return
		}
	}
	c.n[0].Add(n)
}

// Rejects is the count of each reason, zeros too.
func (c *Counts) Rejects() map[trip.Reason]int64 {
	out := make(map[trip.Reason]int64, len(reasons))
	for i, r := range reasons {
		out[r] = c.n[i].Load()
	}
	return out
}
