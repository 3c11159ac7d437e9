package live

import (
	"sync"
	"time"
)

// rates turn counters into figures a second, over the last few seconds.
type rates struct {
	mu     sync.Mutex
	ring   [21]sample // one each half second; the oldest is overwritten
	n      int        // taken so far
	latest Status
}

type sample struct {
	at        time.Time
	events    int64
	watermark int64
}

// add takes a status in.
func (r *rates) add(at time.Time, st Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ring[r.n%len(r.ring)] = sample{at, st.Events, st.Watermark}
	r.n++
	r.latest = st
}

// now gives the latest status, events a second and event time over wall clock.
// Both are nil until there are two samples, and the speedup while either
// watermark is unknown.
func (r *rates) now() (st Status, perSecond, speedup *float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n < 2 {
		return r.latest, nil, nil
	}
	last := r.ring[(r.n-1)%len(r.ring)]
	first := r.ring[max(r.n-len(r.ring), 0)%len(r.ring)]
	seconds := last.at.Sub(first.at).Seconds()
	if seconds <= 0 {
		return r.latest, nil, nil
	}
	rate := max(float64(last.events-first.events), 0) / seconds
	speed := max(float64(last.watermark-first.watermark), 0) / 1000 / seconds
	return r.latest, &rate, known(shown(first.watermark) && shown(last.watermark), speed)
}

// shown reports whether an event time can be put on a clock.
func shown(ms int64) bool { return ms >= -maxTime && ms <= maxTime }

func (s *Server) sample() {
	now, st := s.o.Clock(), s.o.Status()
	s.rates.add(now, st)
	s.history.note(now, st)
}
