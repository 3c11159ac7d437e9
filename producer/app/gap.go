package app

import (
	"fmt"
	"sort"
	"time"

	"taxistream/internal/trip"
)

// gapPause is the most that a gap takes of the wall clock. It leaves the rest of
// the contract's second to what has to be acknowledged at its edges.
const gapPause = 500 * time.Millisecond

// ahead is how far event times may lie in the future: the default -max-ahead of
// the processor, ten years.
var ahead = trip.DefaultRules.MaxAhead

// crossing is how far the loop is over the gap before the next trip. While it is
// not over it, the gap holds the trips back.
type crossing uint8

const (
	noGap     crossing = iota
	announced          // waits until all trips before the gap are acknowledged
	marked             // the end watermark is on its way
)

// cross takes the replay over a gap that lies before the next trip: it is
// announced, the pace jumps, and the end watermark of the trip before it goes to
// every shard, so that results do not wait for a stray event years later.
func (l *loop) cross(now time.Time) {
	if len(l.current.trips) == 0 {
		l.crossing = noGap // a stop dropped what lay behind the gap
		return
	}
	event, shift := l.current.trips[0].EventTime(), l.current.shift
	if !l.gaps.Before(event + shift) {
		return
	}
	if l.crossing == noGap {
		l.crossing = announced
		l.crossed++
		l.announce(event, shift)
		l.pace.Jump(l.gaps.Last(), event+shift, gapPause)
	}
	if l.ended(now, event, shift) {
		l.gaps.Note(event + shift)
		l.crossing = noGap
	}
}

// announce says what gap is passed over, and how a replay begins after it.
func (l *loop) announce(event, shift int64) {
	from, to := l.gaps.Last(), event+shift
	l.log.Warn("a gap in event time is passed over within a second", "length", length(to-from), "from", moment(from), "to", moment(to),
		"begin_after_it", "-seek "+moment(event))
}

// length writes a span of ms that may be longer than a time.Duration.
func length(ms int64) string {
	hours := ms / hourMs
	text := (time.Duration(ms-hours*hourMs) * time.Millisecond).String()
	if hours == 0 {
		return text
	}
	return fmt.Sprintf("%dh%s", hours, text)
}

const hourMs = int64(time.Hour / time.Millisecond)

// ended does the next step of ending the time before a gap, and reports whether
// all is done: trips acknowledged, the watermark on every shard.
func (l *loop) ended(now time.Time, event, shift int64) bool {
	last, any := l.tracker.Last()
	if l.c.NoWatermark || l.c.EndWatermark == 0 || !any {
		return true
	}
	if l.writer.Outstanding() > 0 {
		l.writer.Flush()
		return false
	}
	if l.sender.Busy() {
		return false
	}
	v := min(l.lastWatermark(last), l.shifter.At(now, shift, event)-1)
	if l.crossing == marked || v <= l.sender.Last() || !trip.Writable(v) {
		return true
	}
	if !l.noted(l.notes.sent(v)) {
		return false
	}
	l.sender.Begin(v)
	l.crossing = marked
	return false
}

// warn says once that events lie too far in the future. The trips are about to
// be sent, in their own times.
func (l *loop) warn(now time.Time, trips []trip.Trip) {
	if l.warned {
		return
	}
	shift, bound := l.current.shift, now.Add(ahead).UnixMilli()
	l.shifter.Begin(now, shift, trips[0].EventTime())
	beyond := func(i int) bool { return l.shifter.At(now, shift, trips[i].EventTime()) > bound }
	if !beyond(len(trips) - 1) {
		return
	}
	l.warned = true
	first := trips[sort.Search(len(trips), beyond)].EventTime()
	without := "-until " + moment(first-1)
	if shift > 0 {
		without = fmt.Sprintf("-loop %d", l.passes-1)
	}
	l.log.Warn("events lie more than ten years after now: a processor rejects them as too_early unless its -max-ahead is greater",
		"first", moment(l.shifter.At(now, shift, first)), "without_them", without)
}

// tooFar reports whether a batch begins a further pass of -loop 0 that would end
// too far in the future: the pass before it was the last.
func (l *loop) tooFar(b batch) bool {
	if l.c.Loop != 0 || b.passes < 2 || b.passes == l.passes {
		return false
	}
	now := l.now()
	if l.shifter.At(now, b.shift, b.last) < now.Add(ahead).UnixMilli() {
		return false
	}
	l.log.Info("the last pass is over: a further one would end more than ten years after now", "passes", l.passes)
	return true
}
