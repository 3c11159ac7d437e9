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
}

type hour struct {
	cells   map[string]rides
	touched time.Time
	dirty   bool
	frame   uint64
}

// point is what a line shows of an hour: the mean weighted by trips, and the
// lowest and highest mean of any cell.
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
	if h.cells[d.Cell].trips >= trips {
		return
	}
	if len(h.cells) >= s.o.MaxCells {
		s.outside++
		return
	}
	h.cells[d.Cell] = rides{trips, minutes}
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
	for i, c := range cells {
		r := h.cells[c]
		mean := r.minutes / float64(r.trips)
		if i == 0 || mean < p.low {
			p.low = mean
		}
		if i == 0 || mean > p.high {
			p.high = mean
		}
		p.trips += r.trips
		minutes += r.minutes
	}
	p.mean = minutes / float64(max(p.trips, 1))
	return p
}
