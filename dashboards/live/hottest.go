package live

import (
	"cmp"
	"slices"
)

// Spot is a cell with its pickups in one window.
type Spot struct {
	Cell     string
	Lat, Lon float64
	Pickups  int64
}

// Hottest gives the n cells of the newest window shown with the most pickups,
// equal ones by name, for a status line. It is nil before the first window.
func (s *Server) Hottest(n int) []Spot {
	s.mu.Lock()
	defer s.mu.Unlock()
	var w *window
	for _, other := range s.windows {
		if other.frame != 0 && (w == nil || other.start > w.start) {
			w = other
		}
	}
	if w == nil {
		return nil
	}
	spots := make([]Spot, 0, len(w.counts))
	for number, count := range w.counts {
		row := &s.cells.rows[number]
		spots = append(spots, Spot{row.id, row.lat, row.lon, count})
	}
	slices.SortFunc(spots, func(a, b Spot) int {
		return cmp.Or(cmp.Compare(b.Pickups, a.Pickups), cmp.Compare(a.Cell, b.Cell))
	})
	return spots[:min(n, len(spots))]
}
