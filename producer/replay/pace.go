package replay

import (
	"math"
	"time"
)

// Pace maps event time to the wall clock: an event is due at start + (event -
// first) / speedup. A replay that fell behind catches up at full speed, because
// only Jump moves the mapping; nothing is skipped. The zero speedup is as fast as
// it goes: everything is due.
type Pace struct {
	speedup float64
	start   time.Time
	first   int64
	begun   bool
}

// NewPace returns a pace of speedup ms of event time in a ms of wall clock.
func NewPace(speedup float64) *Pace { return &Pace{speedup: speedup} }

// Begin ties the first event's time to the wall clock; later calls do nothing.
func (p *Pace) Begin(now time.Time, first int64) {
	if !p.begun {
		p.start, p.first, p.begun = now, first, true
	}
}

// Jump makes an event due within pause of the one before it, and all later ones
// as long after it as they were. It does nothing where they are that near.
func (p *Pace) Jump(before, event int64, pause time.Duration) {
	if p.speedup == 0 || float64(event-before)/p.speedup*float64(time.Millisecond) <= float64(pause) {
		return
	}
	at := float64(before-p.first) / p.speedup * float64(time.Millisecond)
	p.start, p.first = p.start.Add(time.Duration(at)+pause), event
}

// Due is the greatest event time, in ms, that is to be sent by now.
func (p *Pace) Due(now time.Time) int64 {
	if p.speedup == 0 {
		return math.MaxInt64
	}
	ahead := math.Floor(float64(now.Sub(p.start)) / float64(time.Millisecond) * p.speedup)
	if ahead >= math.MaxInt64-float64(p.first) {
		return math.MaxInt64
	}
	return p.first + int64(ahead)
}

// Wait is how long from now until an event of that time is due; 0 if it is.
func (p *Pace) Wait(now time.Time, event int64) time.Duration {
	if p.speedup == 0 || event <= p.Due(now) {
		return 0
	}
	at := float64(event-p.first) / p.speedup * float64(time.Millisecond)
	if at > math.MaxInt64/2 {
		return math.MaxInt64 / 2
	}
	// One microsecond more, so that rounding never wakes the caller just before.
	return max(p.start.Add(time.Duration(at)).Sub(now), 0) + time.Microsecond
}

// Late is for how long an event of that time has been due; 0 if it is not, or without a pace.
func (p *Pace) Late(now time.Time, event int64) time.Duration {
	if p.speedup == 0 || !p.begun || event >= p.Due(now) {
		return 0
	}
	return time.Duration(float64(p.Due(now)-event) / p.speedup * float64(time.Millisecond))
}
