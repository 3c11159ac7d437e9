package live

import (
	"time"

	"taxistream/internal/results"
)

// window is the pickups of one hotspot window by cell number.
type window struct {
	start, end int64
	counts     map[int32]int64
	trips, top int64     // their sum and the greatest
	touched    time.Time // when a count last changed
	dirty      bool      // viewers have not been told of the last change
	frame      uint64    // in which they last were
}

// takeHotspot is called with the lock held.
func (s *Server) takeHotspot(d results.ID, count int64, shape func() ([][2]float64, error)) {
	if beyond(d) || s.old(d.Start) {
		s.outside++
		return
	}
	n, ok := s.cells.number[d.Cell]
	if !ok {
		if len(s.cells.rows) >= s.o.MaxCells {
			s.outside++
			return
		}
		ring, err := shape()
		if err != nil {
			s.unreadable++
			return
		}
		n = s.cells.add(d.Cell, ring)
	}
	w := s.windows[d.Start]
	if w == nil || w.end != d.End {
		w = &window{start: d.Start, end: d.End, counts: make(map[int32]int64)}
		if old := s.windows[d.Start]; old != nil {
			s.pairs -= len(old.counts)
		}
		s.windows[d.Start] = w
	}
	old, known := w.counts[n]
	if known && old >= count {
		return
	}
	if !known {
		s.pairs++
	}
	w.counts[n] = count
	w.trips += count - old
	w.top = max(w.top, count)
	w.touched, w.dirty = s.o.Clock(), true
	s.taken++
	s.newest = max(s.newest, d.Start)
	s.reach(d.Start)
}

// beyond reports whether a window lies where no page's clock goes.
func beyond(d results.ID) bool {
	return d.Start < -maxTime || d.Start > maxTime || d.End-d.Start > maxTime
}

// old reports whether a window is further back than is kept. The lock is held.
func (s *Server) old(start int64) bool {
	return s.edge != NoTime && start <= s.edge-s.o.Keep.Milliseconds()
}

// reach moves the edge of what is known to a window's start. The lock is held.
func (s *Server) reach(start int64) {
	if start > s.edge || s.pairs > s.o.MaxPairs {
		s.edge = max(s.edge, start)
		s.trim()
	}
}

// trim forgets windows older than Keep, and the oldest while there are too many
// counts. The lock is held.
func (s *Server) trim() {
	for start := range s.windows {
		if s.old(start) {
			s.forget(start)
		}
	}
	for s.pairs > s.o.MaxPairs && len(s.windows) > 1 {
		s.forget(s.oldestWindow())
		s.squeezed++
	}
	for k := range s.hours {
		if s.old(k.start) {
			s.rides -= len(s.hours[k].cells)
			delete(s.hours, k)
		}
	}
}

func (s *Server) forget(start int64) {
	s.pairs -= len(s.windows[start].counts)
	delete(s.windows, start)
}

func (s *Server) oldestWindow() int64 {
	oldest := s.newest
	for start := range s.windows {
		oldest = min(oldest, start)
	}
	return oldest
}

// settled reports whether a window's documents have all come, as far as one can
// tell: a newer one has begun or it has been still for a while. The lock is held.
func (s *Server) settled(w *window, now time.Time) bool {
	return w.start < s.newest || now.Sub(w.touched) >= s.o.Settle
}
