package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
)

// What a window is compared with.
const (
	otherDays  = "days"   // the mean of the same time of day on the other days
	justBefore = "before" // the mean of the windows of the hour before
	noUsual    = "none"   // there is nothing to compare with
)

const (
	maxDays       = 28               // other days, the nearest ones
	maxUsualCells = 20_000           // the greatest ones; the city has some 10,000
	maxUsualKept  = 200_000          // sums in the cache, in all windows
	usualFor      = 5 * time.Minute  // an answer of the store is kept
	edgesFor      = time.Minute      // the store's first and last window are kept
	usualPatience = 10 * time.Second // with the store
	anHour        = int64(3_600_000)
)

// usual is what is usual in each cell in a window, as a page reads it: sums over the days
// or windows that they are of. A cell that is not among them has none.
type usual struct {
	Run   string  `json:"run"`
	Start int64   `json:"start"`
	Basis string  `json:"basis"`
	Of    int64   `json:"of"` // days or windows
	Cells []int32 `json:"cells"`
	Sums  []int64 `json:"sums"`
	// Elsewhere is the sum of the cells without a pickup in the last day: pages do not know them.
	Elsewhere int64 `json:"elsewhere"`
}

// sameTime keeps what the store said of other days. Whoever holds the turn asks the store
// and owns everything here: so one query is under way at most.
type sameTime struct {
	turn        chan struct{} // holds one token
	kept        map[int64]dayAnswer
	order       []int64 // of kept, the oldest first
	size        int     // sums in kept
	first, last int64   // of the store's windows; NoTime: it has none
	edgesAt     time.Time
}

// dayAnswer is the sums of a time of day over the other days that have it.
type dayAnswer struct {
	days  int64
	cells []opensearch.Group
	at    time.Time
}

func newSameTime() sameTime {
	u := sameTime{turn: make(chan struct{}, 1), kept: make(map[int64]dayAnswer)}
	u.turn <- struct{}{}
	return u
}

// apiUsual gives what is usual in the window that starts at a time.
func (s *Server) apiUsual(w http.ResponseWriter, r *http.Request) {
	start, err := strconv.ParseInt(r.URL.Query().Get("at"), 10, 64)
	if err != nil {
		http.Error(w, "give at, a window's start in milliseconds", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	win := s.windows[start]
	known := win != nil && win.frame != 0
	s.mu.Unlock()
	if !known {
		http.Error(w, "no window of the last day starts then", http.StatusNotFound)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), usualPatience)
	defer cancel()
	days, err := s.onOtherDays(ctx, start)
	if err != nil {
		if r.Context().Err() == nil {
			s.o.Notify("control room: read what is usual: " + err.Error())
		}
		http.Error(w, "the results store does not say what is usual", http.StatusServiceUnavailable)
		return
	}
	answer(w, r, text(s.usualOf(start, days)))
}

// usualOf numbers the cells of other days, or sums up the hour before where no other day has the window.
func (s *Server) usualOf(start int64, d dayAnswer) *usual {
	u := &usual{Run: s.run, Start: start, Basis: noUsual, Cells: []int32{}, Sums: []int64{}}
	sums := make(map[int32]int64)
	s.mu.Lock()
	if d.days > 0 {
		u.Basis, u.Of = otherDays, d.days
		for _, g := range d.cells {
			if n, known := s.cells.number[g.Key]; known {
				sums[n] += int64(g.Sum)
			} else {
				u.Elsewhere += int64(g.Sum)
			}
		}
	} else if u.Of = s.sumBefore(start, sums); u.Of > 0 {
		u.Basis = justBefore
	}
	s.mu.Unlock()
	for n := range sums {
		u.Cells = append(u.Cells, n)
	}
	slices.Sort(u.Cells)
	for _, n := range u.Cells {
		u.Sums = append(u.Sums, sums[n])
	}
	return u
}

// sumBefore adds up the windows that lie in the hour before a window, or the one before it
// where windows are longer, and counts them. The lock is held.
func (s *Server) sumBefore(start int64, sums map[int32]int64) (windows int64) {
	for _, w := range s.windows {
		if w.frame == 0 || w.end > start || w.start < start-max(anHour, w.end-w.start) {
			continue
		}
		windows++
		for n, count := range w.counts {
			sums[n] += count
		}
	}
	return windows
}

// onOtherDays is what the store has of a window's time of day, with one aggregation at most.
func (s *Server) onOtherDays(ctx context.Context, start int64) (dayAnswer, error) {
	if s.o.Store == nil {
		return dayAnswer{}, nil
	}
	u := &s.sameTime
	select {
	case <-u.turn:
		defer func() { u.turn <- struct{}{} }()
	case <-ctx.Done():
		return dayAnswer{}, ctx.Err()
	}
	if d, ok := u.kept[start]; ok && s.o.Clock().Sub(d.at) < usualFor {
		return d, nil
	}
	if err := s.readEdges(ctx); err != nil {
		return dayAnswer{}, err
	}
	d := dayAnswer{at: s.o.Clock()}
	if starts := sameTimeOfDay(start, u.first, u.last, s.o.City); len(starts) > 0 {
		query, err := json.Marshal(map[string]any{"terms": map[string]any{results.FieldWindowStart: starts}})
		if err != nil {
			return dayAnswer{}, err
		}
		d.cells, d.days, err = s.o.Store.TopWhere(ctx, s.o.Prefix+names.PickupCount, query, results.FieldCell, results.FieldPickupCount, maxUsualCells, results.FieldWindowStart)
		if err != nil {
			return dayAnswer{}, fmt.Errorf("the time of day of %d on other days: %w", start, err)
		}
	}
	u.keep(start, d)
	return d, nil
}

// readEdges finds the store's first and last window. The turn is held.
func (s *Server) readEdges(ctx context.Context) error {
	u := &s.sameTime
	if now := s.o.Clock(); !u.edgesAt.IsZero() && now.Sub(u.edgesAt) < edgesFor {
		return nil
	}
	edges := [2]int64{NoTime, NoTime}
	for i := range edges {
		at, any, err := results.WindowEdge(ctx, s.o.Store, s.o.Prefix+names.PickupCount, i == 1)
		if err != nil {
			return err
		}
		if any && at >= -maxTime && at <= maxTime {
			edges[i] = at
		}
	}
	u.first, u.last, u.edgesAt = edges[0], edges[1], s.o.Clock()
	return nil
}

// keep puts an answer in the cache and takes out the oldest while there are too many sums.
func (u *sameTime) keep(start int64, d dayAnswer) {
	if old, ok := u.kept[start]; ok {
		u.size -= len(old.cells)
		u.order = slices.DeleteFunc(u.order, func(s int64) bool { return s == start })
	}
	u.kept[start] = d
	u.order = append(u.order, start)
	u.size += len(d.cells)
	for len(u.order) > 1 && (u.size > maxUsualKept || len(u.order) > maxUsualKept/100) {
		u.size -= len(u.kept[u.order[0]].cells)
		delete(u.kept, u.order[0])
		u.order = u.order[1:]
	}
}

// sameTimeOfDay gives when a city's clock shows the same time on other days from first to
// last, the nearest days first. A time that a day's clock skips that day does not have; of
// one that it shows twice it is the first.
func sameTimeOfDay(at, first, last int64, city *time.Location) (starts []int64) {
	t := time.UnixMilli(at).In(city)
	if first == NoTime || last == NoTime {
		return nil
	}
	on := func(day int) (ms int64) {
		d := time.Date(t.Year(), t.Month(), t.Day()+day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), city)
		if d.Hour() != t.Hour() || d.Minute() != t.Minute() {
			return NoTime
		}
		if again := d.Add(-time.Hour); again.Hour() == d.Hour() && again.Minute() == d.Minute() {
			d = again
		}
		return d.UnixMilli()
	}
	const day = 24 * anHour
	for n := 1; len(starts) < maxDays; n++ {
		reach := int64(n-1) * day // a day has 23 hours at least: none within the edges is passed over
		if at-reach < first && at+reach > last {
			break
		}
		for _, ms := range []int64{on(-n), on(n)} {
			if ms != NoTime && ms >= first && ms <= last && len(starts) < maxDays {
				starts = append(starts, ms)
			}
		}
	}
	return starts
}
