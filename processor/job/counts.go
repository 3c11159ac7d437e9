package job

import (
	"slices"
	"sync/atomic"

	"taxistream/internal/names"
	"taxistream/internal/trip"
)

var reasons = names.Reasons()

// Counts counts rejects by reason, since the start of the process. It is safe
// for many goroutines.
type Counts struct {
	n [names.ReasonCount]atomic.Int64 // in the order of reasons
}

// Add counts n more; an unknown reason is counted as malformed.
func (c *Counts) Add(reason trip.Reason, n int64) {
	c.n[max(slices.Index(reasons, string(reason)), 0)].Add(n)
}

// Rejects is the count of each reason, zeros too.
func (c *Counts) Rejects() map[trip.Reason]int64 {
	out := make(map[trip.Reason]int64, len(reasons))
	for i, r := range reasons {
		out[trip.Reason(r)] = c.n[i].Load()
	}
	return out
}
