package app

import (
	"maps"
	"time"

	"taxistream/producer/put"
	"taxistream/producer/watermark"
)

// Stats is a picture of a producer at one moment. Figures count from the start.
type Stats struct {
	Read        int64 // trips taken from the input, after -seek and -until
	Unwritable  int64 // of these, dropped: no RFC 3339 form of their times
	Outstanding int   // trips not acknowledged, MaxOutstanding at most
	Put         put.Stats
	Watermarks  watermark.Stats
	Watermark   int64 // last value, ms; watermark.None before the first
	EventTime   int64 // of the last trip handed over, ms; watermark.None before the first
	Passes      int
	Gaps        int64 // stretches without an event longer than MaxGap, passed over
	Elapsed     time.Duration
	Rate        float64 // trips acknowledged a second, over the last seconds
	// Late is how long the next trip has been due by the pace of -speedup; 0 without one.
	Late time.Duration
	Done bool
}

// rate is an average over the last few seconds.
type rate struct {
	at    time.Time
	trips int64
	value float64
}

// rateSpan is the time over which the rate is taken.
const rateSpan = 2 * time.Second

func (r *rate) update(now time.Time, trips int64) float64 {
	if r.at.IsZero() {
		r.at = now
	}
	if d := now.Sub(r.at); d >= rateSpan {
		r.value = float64(trips-r.trips) / d.Seconds()
		r.at, r.trips = now, trips
	} else if r.value == 0 && d > 0 {
		return float64(trips) / d.Seconds()
	}
	return r.value
}

// publishInterval is how old Stats may be.
const publishInterval = 100 * time.Millisecond

// publish makes the figures visible to other goroutines.
func (l *loop) publish(now time.Time, done bool) {
	if !done && now.Before(l.nextPublish) {
		return
	}
	l.nextPublish = now.Add(publishInterval)
	s := &Stats{
		Read: l.read, Unwritable: l.shifter.Unwritable, Outstanding: l.writer.Outstanding(), Put: l.writer.Stats(),
		Watermarks: l.sender.Stats(), Watermark: l.sender.Last(), EventTime: watermark.None, Passes: l.passes, Gaps: l.crossed,
		Elapsed: now.Sub(l.started), Done: done,
	}
	if last, any := l.tracker.Last(); any {
		s.EventTime = last
	}
	if next := l.current.trips; len(next) > 0 {
		s.Late = l.pace.Late(now, next[0].EventTime()+l.current.shift)
	}
	s.Put.Shards = maps.Clone(s.Put.Shards)
	s.Put.Refused = maps.Clone(s.Put.Refused)
	s.Rate = l.rate.update(now, s.Put.Trips)
	l.stats.Store(s)
}
