package replay

import (
	"time"

	"taxistream/internal/trip"
)

// Adapt is the value of -adapt-time.
type Adapt string

// The ways to adapt event times.
const (
	Original   Adapt = "original"   // the data's own times
	Invocation Adapt = "invocation" // one shift that puts the first event at the time of its sending
	Ingestion  Adapt = "ingestion"  // each event is stamped with the time of its sending
)

// Shifter moves trips in time. A trip at another time is another trip, so it
// gets the id that belongs to the sum of all shifts; no shift keeps the id.
type Shifter struct {
	adapt      Adapt
	fixed      int64 // the shift of Invocation
	begun      bool
	stamp      int64 // the latest stamp of Ingestion
	Unwritable int64 // trips dropped because their times have no RFC 3339 form
}

// NewShifter returns a shifter of one replay.
func NewShifter(a Adapt) *Shifter { return &Shifter{adapt: a} }

// Begin fixes the shift of Invocation: the event, of a pass shifted by pass ms, is
// the first and is sent now. Later calls do nothing.
func (s *Shifter) Begin(now time.Time, pass, event int64) {
	if s.adapt == Invocation && !s.begun {
		s.fixed, s.begun = now.UnixMilli()-(event+pass), true
	}
}

// Resume fixes the shift of Invocation to that of an earlier replay.
func (s *Shifter) Resume(shift int64) { s.fixed, s.begun = shift, true }

// Shift is what Begin has fixed; 0 for the other ways.
func (s *Shifter) Shift() int64 { return s.fixed }

// At is the time that an event of a pass shifted by pass ms has on the stream if
// it is sent now. Valid after Begin.
func (s *Shifter) At(now time.Time, pass, event int64) int64 {
	if s.adapt == Ingestion {
		return max(s.stamp, now.UnixMilli())
	}
	return event + pass + s.fixed
}

// Apply shifts trips, which are about to be sent and belong to a pass shifted by
// pass ms, in place, and returns those that can be written: the others are
// counted in Unwritable. Stamps never go back, even if the clock does.
func (s *Shifter) Apply(now time.Time, pass int64, trips []trip.Trip) []trip.Trip {
	if len(trips) == 0 {
		return trips
	}
	s.Begin(now, pass, trips[0].EventTime())
	s.stamp = max(s.stamp, now.UnixMilli())
	out := trips[:0]
	for i := range trips {
		t := &trips[i]
		shift := pass + s.fixed
		if s.adapt == Ingestion {
			shift = s.stamp - t.EventTime()
		}
		if shift != 0 {
			t.ID = trip.ShiftID(t.ID, shift)
			t.Pickup += shift
			t.Dropoff += shift
		}
		if !trip.Writable(t.Pickup) || !trip.Writable(t.Dropoff) || !t.Finite() {
			s.Unwritable++
			continue
		}
		if n := len(out); n < i {
			trips[n] = *t
		}
		out = trips[:len(out)+1]
	}
	return out
}
