package live

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// maxWindowsAnswer bounds the windows in one answer of /api/hotspots.
const maxWindowsAnswer = 36

func (s *Server) routes() {
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("GET /events", s.events)
	s.mux.HandleFunc("GET /api/state", s.apiState)
	s.mux.HandleFunc("GET /api/hotspots", s.apiHotspots)
	s.mux.HandleFunc("GET /api/cells/{cell}", s.apiCell)
	s.mux.HandleFunc("GET /api/cells/{id}/rides", s.apiRides)
	s.mux.HandleFunc("GET /api/usual", s.apiUsual)
	s.mux.HandleFunc("GET /{$}", asset("index.html"))
	s.mux.HandleFunc("GET /assets/{name}", func(w http.ResponseWriter, r *http.Request) { asset(r.PathValue("name"))(w, r) })
}

// apiState is everything but the content of past windows: a frame since 0.
func (s *Server) apiState(w http.ResponseWriter, r *http.Request) {
	data, _ := s.frameSince(0)
	answer(w, r, data)
}

// apiHotspots gives the windows whose start lies in [from, to], oldest first.
func (s *Server) apiHotspots(w http.ResponseWriter, r *http.Request) {
	from, err := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64)
	to, err2 := strconv.ParseInt(r.URL.Query().Get("to"), 10, 64)
	if err != nil || err2 != nil || from > to {
		http.Error(w, "give from and to, the first and the last window's start in milliseconds", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	var starts []int64
	for start, win := range s.windows {
		if start >= from && start <= to && win.frame != 0 {
			starts = append(starts, start)
		}
	}
	s.mu.Unlock()
	slices.Sort(starts)
	if len(starts) > maxWindowsAnswer {
		http.Error(w, fmt.Sprintf("%d windows: ask for at most %d at once", len(starts), maxWindowsAnswer), http.StatusBadRequest)
		return
	}
	windows := []*content{}
	for _, start := range starts {
		s.mu.Lock() // for one window at a time: the sink waits for this lock
		if win := s.windows[start]; win != nil {
			windows = append(windows, s.contentOf(win))
		}
		s.mu.Unlock()
	}
	answer(w, r, text(struct {
		Run     string     `json:"run"`
		Windows []*content `json:"windows"`
	}{s.run, windows}))
}

// apiCell gives a cell's count in each kept window that has it, oldest first.
func (s *Server) apiCell(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("cell")
	s.mu.Lock()
	n, ok := s.cells.number[id]
	series := [][2]int64{}
	if ok {
		for start, win := range s.windows {
			if count, has := win.counts[n]; has && win.frame != 0 {
				series = append(series, [2]int64{start, count})
			}
		}
	}
	s.mu.Unlock()
	if !ok {
		http.Error(w, "no pickups are known in this cell in the last day", http.StatusNotFound)
		return
	}
	slices.SortFunc(series, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
	answer(w, r, text(struct {
		Run    string     `json:"run"`
		Cell   string     `json:"cell"`
		Counts [][2]int64 `json:"counts"`
	}{s.run, id, series}))
}
