package app

import (
	"fmt"

	"taxistream/data/sort"
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

// nothing is the error of a replay that has nothing to send: an input without any
// trip has an error of its own, so that -until leaves all of them out.
func (l *loop) nothing() error {
	first := ""
	if in, ok := l.input.(interface{ Summary() sort.Summary }); ok {
		if s := in.Summary(); s.Given > 0 {
			first = ": the first that there is has " + moment(s.First)
		}
	}
	return fmt.Errorf("no trip has an event time from -seek to -until%s", first)
}
