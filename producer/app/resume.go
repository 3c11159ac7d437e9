package app

import (
	"context"
	"io"
	"time"

	"taxistream/internal/trip"
	"taxistream/producer/replay"
)

// resume makes the loop go on where the notes say that another has stopped.
func (l *loop) resume() {
	n := l.notes
	if n.begun() {
		l.shifter.Resume(n.Shift)
	}
	switch {
	case n.finished():
		l.log.Info("all trips were sent before", "resume", n.path, "last_watermark", moment(n.Last))
	case n.resumed():
		l.replay.Resume(replay.Progress{First: n.First, Step: n.Step, PassEnd: n.PassEnd, Pass: n.Pass, After: n.after()})
		l.log.Info("going on", "resume", n.path, "pass", n.Pass+1, "after", moment(n.after()))
	}
}

// noted takes the answer of the notes. What could not be noted ends the loop before
// a watermark says more than they do.
func (l *loop) noted(err error) bool {
	if l.failed == nil {
		l.failed = err
	}
	return l.failed == nil
}

// begin fixes the shift of the whole replay, and notes it before the first trip is sent.
func (l *loop) begin(now time.Time) error {
	b := &l.current
	l.shifter.Begin(now, b.shift, b.trips[0].EventTime())
	return l.notes.begin(l.shifter.Shift(), b.trips[0].EventTime())
}

// noteEnd notes, once all trips read are acknowledged, how far the replay came: to
// its end, unless it was told to stop.
func (l *loop) noteEnd(last int64) error {
	if l.told {
		return l.notes.sent(l.tracker.Low())
	}
	return l.notes.finish(last)
}

// allSent is the input of a replay that was at its end before.
type allSent struct{}

func (allSent) Next([]trip.Trip) (int, error) { return 0, io.EOF }
func (allSent) Rewind(context.Context) error  { return nil }
func (allSent) Close() error                  { return nil }
