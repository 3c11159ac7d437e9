package app

import (
	"errors"
	"fmt"

	"taxistream/data/sort"
	"taxistream/internal/trip"
	"taxistream/producer/replay"
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
	v, any := l.final()
	if !any || !l.noted(l.noteEnd(v)) || l.c.NoWatermark {
		return true
	}
	if l.sender.Busy() {
		return false
	}
	if v > l.sender.Last() && trip.Writable(v) {
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

// final is the last watermark; false if there is none.
func (l *loop) final() (v int64, any bool) {
	if l.notes.finished() {
		return l.notes.Last, true
	}
	last, any := l.tracker.Last()
	if !any {
		return 0, false
	}
	return l.lastWatermark(last), true
}

// lastWatermark is the value after which nothing follows.
func (l *loop) lastWatermark(last int64) int64 {
	period := l.c.EndWatermark.Milliseconds()
	if l.cut || period == 0 {
		return last - 1
	}
	return trip.WindowStart(last, period) + period - 1
}

// nothing is the error of a replay that has nothing to send. An input without a
// trip from -seek on has an error of its own, so that -until leaves all out.
func (l *loop) nothing() error {
	if l.notes.resumed() {
		return fmt.Errorf("-resume %s: no trip has an event time after %s, up to which all are sent: are the sources those of the first start?", l.notes.path, moment(l.notes.after()))
	}
	text := "no trip has an event time"
	if l.c.Seek != replay.NoSeek {
		text += " from " + moment(l.c.Seek)
	}
	if l.c.Until != replay.NoUntil {
		text += " to " + moment(l.c.Until)
	}
	if in, ok := l.input.(interface{ Summary() sort.Summary }); ok {
		if s := in.Summary(); s.Given > 0 {
			text += ": the first that there is has " + moment(s.First)
		}
	}
	return errors.New(text)
}
