// Package replay decides what the producer sends and when: the trips of the
// input in event-time order, from -seek to -until, in one or more passes, at
// times shifted by -loop and -adapt-time, at the pace of -speedup (contract,
// "Commands", producer).
//
// The package starts no goroutine and reads no clock: a Replay is driven by
// calls of one goroutine, and a Pace is told the time. It keeps no trip: the
// caller owns the slices it passes in.
package replay

import (
	"context"
	"fmt"
	"io"
	"math"
	"sort"
	"time"

	"taxistream/internal/trip"
)

// Trips is an input in event-time order that can be read more than once.
type Trips interface {
	// Next fills buf and returns how many trips it holds; io.EOF at the end.
	Next(buf []trip.Trip) (int, error)
	// Rewind goes back to the first trip.
	Rewind(ctx context.Context) error
}

// Values of Options.Seek and Options.Until that leave nothing out.
const (
	NoSeek  = math.MinInt64
	NoUntil = math.MaxInt64
)

// day is the unit of the shift between passes: event times keep their hour.
const day = int64(24 * time.Hour / time.Millisecond)

// Options say which trips are sent.
type Options struct {
	Seek  int64 // first event time, ms, in the data's own times
	Until int64 // last event time, ms, in the data's own times
	Loop  int   // passes; 0: for ever
	// Stamped events get other times when they are sent: passes go on beyond the
	// times that can be written.
	Stamped bool
}

// Replay hands out the trips of all passes, one pass after another.
type Replay struct {
	trips       Trips
	o           Options
	pass        int
	first, last int64 // event times of the first pass's first and the pass's last trip
	passEnd     int64 // event time of each pass's last trip
	prev        int64 // event time of the trip read last in this pass
	sent        bool  // a trip of this pass was handed out
	any         bool  // a trip was handed out at all
	after       int64 // event times of this pass up to it are left out: they were sent before
	shift       int64 // of this pass
	step        int64 // shift between two passes
	over        bool  // this pass: the data or -until is at its end
	cut         bool  // by -until, in this pass or one before: the data is the same
	ended       bool
}

// New returns a replay of trips, which it uses from now on alone.
func New(trips Trips, o Options) *Replay {
	return &Replay{trips: trips, o: o, prev: math.MinInt64, after: math.MinInt64}
}

// Progress is how far an earlier replay of the same trips has come. Times are in
// ms, in the data's own times.
type Progress struct {
	First   int64 // event time of the first trip
	Step    int64 // the shift between two passes; 0: the first was not at its end
	PassEnd int64 // event time of each pass's last trip, where Step is known
	Pass    int   // the pass to go on with, from 0
	After   int64 // event time of it behind which to go on
}

// Resume makes the replay go on where another has stopped. It is called before the
// first Next.
func (r *Replay) Resume(p Progress) {
	r.first, r.step, r.passEnd = p.First, p.Step, p.PassEnd
	r.pass, r.shift, r.after = p.Pass, int64(p.Pass)*p.Step, p.After
	r.any, r.sent, r.last = true, true, p.After
}

// Next fills buf with trips in their own times and returns how many, and the
// shift in ms of the pass that they belong to: never two passes in one answer.
// It returns io.EOF after the last trip of the last pass; an input out of order
// is an error, because the watermarks could not be true.
func (r *Replay) Next(ctx context.Context, buf []trip.Trip) (n int, shift int64, err error) {
	for !r.ended {
		if r.over {
			if err := r.endPass(ctx); err != nil {
				return 0, 0, err
			}
			continue
		}
		n, err := r.trips.Next(buf)
		if err == io.EOF && n == 0 {
			r.over = true
			continue
		}
		if err != nil && err != io.EOF {
			return 0, 0, err
		}
		if err := r.checkOrder(buf[:n]); err != nil {
			return 0, 0, err
		}
		kept, cut := r.within(buf[:n])
		if cut {
			r.cut, r.over = true, true
		}
		if kept > 0 {
			return kept, r.shift, nil
		}
	}
	return 0, 0, io.EOF
}

// Cut reports whether -until, and not the end of the data, ends each pass: known
// from the end of the first.
func (r *Replay) Cut() bool { return r.cut }

// PassEnd is the event time of the last trip of each pass, in the data's own
// times: known from the end of the first.
func (r *Replay) PassEnd() int64 { return r.passEnd }

// Passes is the number of passes begun by what Next returned.
func (r *Replay) Passes() int { return r.pass + 1 }

func (r *Replay) checkOrder(trips []trip.Trip) error {
	for i := range trips {
		if t := trips[i].EventTime(); t < r.prev {
			return fmt.Errorf("trip %d of event time %d ms follows one of %d ms: the input is not in event-time order", trips[i].ID, t, r.prev)
		}
		r.prev = trips[i].EventTime()
	}
	return nil
}

// within moves the trips from -seek to -until to the front and counts them; cut
// says that more follow, behind -until.
func (r *Replay) within(trips []trip.Trip) (kept int, cut bool) {
	from := sort.Search(len(trips), func(i int) bool { t := trips[i].EventTime(); return t >= r.o.Seek && t > r.after })
	to := sort.Search(len(trips), func(i int) bool { return trips[i].EventTime() > r.o.Until })
	cut = to < len(trips)
	if from >= to {
		return 0, cut
	}
	if !r.any {
		r.first, r.any = trips[from].EventTime(), true
	}
	r.last, r.sent = trips[to-1].EventTime(), true
	return copy(trips, trips[from:to]), cut
}

// endPass begins the next pass, or ends the replay. A pass that sent nothing
// is the last: all others would be empty too.
func (r *Replay) endPass(ctx context.Context) error {
	if r.pass == 0 && r.sent && r.step == 0 {
		r.step = (floorDiv(r.last-r.first, day) + 1) * day
		r.passEnd = r.last
	}
	next := r.shift + r.step
	if !r.sent || r.pass+1 == r.o.Loop || next > math.MaxInt64/2 || !r.o.Stamped && !trip.Writable(r.first+next) {
		r.ended = true
		return nil
	}
	if err := r.trips.Rewind(ctx); err != nil {
		return fmt.Errorf("begin pass %d: %w", r.pass+2, err)
	}
	r.pass++
	r.shift, r.prev, r.after = next, math.MinInt64, math.MinInt64
	r.sent, r.over = false, false
	return nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
