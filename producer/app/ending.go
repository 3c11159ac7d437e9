package app

import (
	"taxistream/internal/trip"
	"taxistream/producer/watermark"
)

// ending does the next step towards the end once the input is, and reports
// whether all is done: trips acknowledged, the last watermark on every shard of
// a map that was read after it was sent.
func (l *loop) ending() bool {
	if !l.exhausted || len(l.current.trips) > 0 {
		return false
	}
	if l.writer.Outstanding() > 0 {
		l.writer.Flush()
		return false
	}
	last, any := l.tracker.Last()
	if l.c.NoWatermark || !any {
		return true
	}
	if l.sender.Busy() {
		return false
	}
	if v := l.lastWatermark(last); v > l.sender.Last() && trip.Writable(v) {
		l.sender.Begin(v)
		l.refresh.verified = false
		return false
	}
	if l.sender.Last() == watermark.None {
		return true
	}
	l.refresh.verify = !l.refresh.verified
	return l.refresh.verified
}

// lastWatermark is the value after which nothing follows.
func (l *loop) lastWatermark(last int64) int64 {
	period := l.c.EndWatermark.Milliseconds()
	if l.cut || period == 0 {
		return last - 1
	}
	return trip.WindowStart(last, period) + period - 1
}
