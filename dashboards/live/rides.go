package live

import (
	"cmp"
	"net/http"
	"slices"
)

// few is the number of trips below which a cell's hour is told together with the
// cells around it.
const few = 10

// rideRow is what is known of the trips from a cell to an airport in one hour:
// [airport, start, end, cells that they come from, trips, sum, quickest, slowest],
// durations in minutes.
type rideRow struct {
	hourKey
	cells int
	rides
}

// MarshalJSON writes a row: short, as there are many.
func (r rideRow) MarshalJSON() ([]byte, error) {
	minutes := func(ms int64) float64 { return float64(ms) / msMinute }
	return text([]any{r.airport, r.start, r.end, r.cells, r.trips, minutes(r.sum), minutes(r.min), minutes(r.max)}), nil
}

// apiRides gives the minutes to the airports from a cell, in each kept hour that has
// a trip from it, or, where it has fewer than few, from it and the cells around it.
func (s *Server) apiRides(w http.ResponseWriter, r *http.Request) {
	cell := r.PathValue("id")
	own, near, err := s.o.Around(cell)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer(w, r, text(struct {
		Run  string    `json:"run"`
		From []string  `json:"from"` // the cells of the airport trips that it is or lies in
		Few  int64     `json:"few"`
		Rows []rideRow `json:"hours"`
	}{s.run, own, few, s.ridesFrom(own, near)}))
}

// ridesFrom looks up each hour that viewers have been told of, so that the answer
// agrees with the frames.
func (s *Server) ridesFrom(own, near []string) []rideRow {
	rows := []rideRow{}
	s.mu.Lock()
	for k, h := range s.hours {
		if h.frame == 0 {
			continue
		}
		row := rideRow{hourKey: k, cells: len(own), rides: h.from(own)}
		if row.trips < few {
			row.cells += len(near)
			row.add(h.from(near))
		}
		if row.trips > 0 {
			rows = append(rows, row)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(rows, func(a, b rideRow) int {
		return cmp.Or(cmp.Compare(a.airport, b.airport), cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	return rows
}

// from joins the trips of some cells.
func (h *hour) from(cells []string) (sum rides) {
	for _, c := range cells {
		sum.add(h.cells[c])
	}
	return sum
}
