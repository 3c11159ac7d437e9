package live

import (
	"cmp"
	"slices"
	"time"

	"taxistream/internal/results"
)

// hourKey is a window of the airport trips; start first in its order.
type hourKey struct {
	start, end int64
	airport    string
}

// maxHours bounds the airport windows: two airports and a window a minute.
const maxHours = 2 * 24 * 60

// msMinute is a minute in ms.
const msMinute = 60_000

// rides are the trips from one cell to an airport in one window; durations in ms,
// which add up to the same in any order.
type rides struct {
	trips         int64
	sum, min, max int64
	inside        bool // the cell lies in the airport
}

// add joins the trips of two cells. The zero rides are none.
func (r *rides) add(o rides) {
	switch {
	case o.trips == 0:
		return
	case r.trips == 0:
		r.min = o.min
	}
	r.trips += o.trips
	r.sum += o.sum
	r.min, r.max = min(r.min, o.min), max(r.max, o.max)
}

func (r rides) mean() float64 { return float64(r.sum) / float64(msMinute*max(r.trips, 1)) }

type hour struct {
	cells   map[string]rides
	touched time.Time
	dirty   bool
	frame   uint64
}

// point is what a line shows of an hour: the mean of all trips, and the means of
// the cells that the middle 80 % of the trips from outside of the airport came
// from. Trips from one terminal to another are in the mean, as in the documents,
// but a band that reached down to them would say nothing of the ride to the airport.
type point struct {
	trips           int64
	mean, low, high float64 // minutes
	cells           int
}

// takeAirport is called with the lock held.
func (s *Server) takeAirport(d results.ID, r rides) {
	if beyond(d) || s.old(d.Start) {
		s.outside++
		return
	}
	k := hourKey{d.Start, d.End, d.Airport}
	h := s.hours[k]
	if h == nil {
		if len(s.hours) >= maxHours {
			s.outside++
			return
		}
		h = &hour{cells: make(map[string]rides)}
		s.hours[k] = h
	}
	known, is := h.cells[d.Cell]
	switch {
	case known.trips >= r.trips:
		return
	case !is && (len(h.cells) >= s.o.MaxCells || s.rides >= s.o.MaxPairs):
		s.outside++
		return
	case !is:
		known.inside = s.o.Inside(d.Cell, d.Airport)
		s.rides++
	}
	r.inside = known.inside
	h.cells[d.Cell] = r
	h.touched, h.dirty = s.o.Clock(), true
	s.taken++
	s.reach(d.Start)
}

// point sums up an hour; equal documents give equal digits.
func (h *hour) point() point {
	p := point{cells: len(h.cells)}
	var all rides
	var means []cellMean
	for _, r := range h.cells {
		all.add(r)
		if !r.inside {
			means = append(means, cellMean{r.mean(), r.trips})
		}
	}
	p.trips, p.mean = all.trips, all.mean()
	p.low, p.high = p.mean, p.mean
	if len(means) > 0 {
		p.low, p.high = middle(means)
	}
	return p
}

type cellMean struct {
	mean  float64
	trips int64
}

// middle gives the least and the greatest mean that are left when the cells with
// the least and with the greatest means are left out, as long as neither are more
// than a tenth of the trips.
func middle(means []cellMean) (low, high float64) {
	slices.SortFunc(means, func(a, b cellMean) int { return cmp.Compare(a.mean, b.mean) })
	var trips int64
	for _, m := range means {
		trips += m.trips
	}
	inner := func(m []cellMean) float64 {
		var below int64
		for _, c := range m {
			if below += c.trips; below*10 > trips {
				return c.mean
			}
		}
		return m[len(m)-1].mean
	}
	low = inner(means)
	slices.Reverse(means)
	return low, inner(means)
}
