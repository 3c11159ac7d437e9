package watermark

import "math"

// None is the watermark that promises nothing.
const None int64 = math.MinInt64

// Max promises that nothing follows.
const Max int64 = math.MaxInt64

// Bounded follows event times that are out of order by at most a bound.
type Bounded struct {
	bound    int64
	greatest int64
}

// NewBounded returns a follower for event times at most bound ms behind the greatest before them.
func NewBounded(bound int64) Bounded { return Bounded{bound: bound, greatest: None} }

// Observe takes an event time in and returns the watermark: the greatest event
// time so far, less the bound and 1 ms.
func (b *Bounded) Observe(eventTime int64) int64 {
	b.greatest = max(b.greatest, eventTime)
	if b.greatest <= None+b.bound+1 {
		return None
	}
	return b.greatest - b.bound - 1
}
