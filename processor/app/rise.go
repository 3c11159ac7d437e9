package app

import (
	"sync"
	"time"

	"taxistream/engine"
)

// rise knows since when the combined watermark stands still, as far as those who
// ask have seen it: seldom asked, it is late by the time between two questions.
type rise struct {
	mu        sync.Mutex
	watermark int64
	at        time.Time // zero: not asked yet
}

// stalled is the time since the watermark was first seen as it is; zero at the
// end of event time, where nothing is to come.
func (r *rise) stalled(now time.Time, watermark int64) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at.IsZero() || watermark != r.watermark || watermark == engine.MaxWatermark {
		r.watermark, r.at = watermark, now
	}
	return now.Sub(r.at)
}
