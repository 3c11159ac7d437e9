package telemetry

import "time"

// Rate turns a counter into a figure a second, over the time between two looks at
// it. It is for one goroutine.
type Rate struct {
	at    time.Time // of the last look; zero: none yet
	count int64
}

// Of takes the counter in. The rate is not known at the first look.
func (r *Rate) Of(now time.Time, count int64) (perSecond float64, known bool) {
	seconds := now.Sub(r.at).Seconds()
	known = !r.at.IsZero() && seconds > 0
	if known {
		perSecond = max(float64(count-r.count), 0) / seconds
	}
	r.at, r.count = now, count
	return perSecond, known
}
