package put

import (
	"math/rand/v2"
	"time"
)

// Backoff is how long to wait before the next try: twice as long each time up to
// Max, and a random half of it, so that many callers do not come back at once.
type Backoff struct {
	Base, Max time.Duration
	Rand      *rand.Rand
}

// Delay is the wait after the given number of failures in a row, from 1.
func (b Backoff) Delay(failures int) time.Duration {
	d := b.Base
	for i := 1; i < failures && d < b.Max; i++ {
		d *= 2
	}
	d = min(d, b.Max)
	return d/2 + time.Duration(b.Rand.Int64N(int64(d/2)+1))
}
