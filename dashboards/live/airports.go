package live

import (
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

// rides are the trips from one cell to an airport in one window.
type rides struct {
	trips   int64
	minutes float64
	inside  bool // the cell lies in the airport
}

type hour struct {
	cells   map[string]rides
	touched time.Time
	dirty   bool
	frame   uint64
}

// point is what a line shows of an hour: the mean weighted by trips, and the
// lowest and highest mean of any cell outside of the airport. Trips from one
// terminal to another are in the mean, as in the documents, but a band that
// reached down to them would say nothing of the ride to the airport.
type point struct {
	trips           int64
	mean, low, high float64 // minutes
	cells           int
}

// takeAirport is called with the lock held.
func (s *Server) takeAirport(d results.ID, trips int64, minutes float64) {
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
	case known.trips >= trips:
		return
	case len(h.cells) >= s.o.MaxCells:
		s.outside++
		return
	case !is:
		known.inside = s.o.Inside(d.Cell, d.Airport)
	}
	known.trips, known.minutes = trips, minutes
	h.cells[d.Cell] = known
	h.touched, h.dirty = s.o.Clock(), true
	s.taken++
	s.reach(d.Start)
}

// point sums in the order of the cells' names, so that equal documents give
// equal digits.
func (h *hour) point() point {
	cells := make([]string, 0, len(h.cells))
	for c := range h.cells {
		cells = append(cells, c)
	}
	slices.Sort(cells)
	p := point{cells: len(cells)}
	var minutes float64
	outside := 0
	for _, c := range cells {
		r := h.cells[c]
		if mean := r.minutes / float64(r.trips); !r.inside {
			if outside == 0 || mean < p.low {
				p.low = mean
			}
			p.high = max(p.high, mean)
			outside++
		}
		p.trips += r.trips
		minutes += r.minutes
	}
	p.mean = minutes / float64(max(p.trips, 1))
	if outside == 0 {
		p.low, p.high = p.mean, p.mean
	}
	return p
}
