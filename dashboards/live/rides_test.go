package live_test

import (
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"taxistream/dashboards/live"
	"taxistream/internal/geo"
	"taxistream/internal/opensearch"
)

// ridesAnswer is an answer of /api/cells/{cell}/rides.
type ridesAnswer struct {
	From []string
	Few  int64
	Rows [][]any `json:"hours"`
}

// around is what the processor hands in for airport trips at resolution 8.
func around(id string) (own, near []string, err error) {
	c, err := geo.ParseCell(id)
	if err != nil {
		return nil, nil, err
	}
	mine, err := c.At(8)
	if err != nil {
		return nil, nil, err
	}
	neighbours, err := mine[0].Neighbours()
	for _, n := range neighbours {
		near = append(near, n.String())
	}
	return []string{mine[0].String()}, near, err
}

// Ensure the ride from a cell is that of its parent, from ten trips on alone, with
// fewer together with the six cells around it: sums and counts added, the quickest
// of all and the slowest of all. What lies further off, and what is not there, adds
// nothing; from the sink and from the store alike, as after a restart.
func TestAPI_RidesFromACell(t *testing.T) {
	chosen, err := geo.CellAt(40.7506, -73.9935, 9)
	if err != nil {
		t.Fatal(err)
	}
	home, err := chosen.At(8)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := home[0].Neighbours()
	if err != nil || len(ring) != 6 {
		t.Fatal(ring, err)
	}
	far := cells(t, 200, 8)[199]
	const eight, nine, ten = newYear + 8*60*minute, newYear + 9*60*minute, newYear + 10*60*minute
	docs := []opensearch.Document{
		rideFrom(t, eight, home[0], "JFK", 10, 500, 31, 80), // enough
		rideFrom(t, eight, ring[0], "JFK", 5, 100, 9, 99),
		rideFrom(t, eight, home[0], "LGA", 9, 270, 20, 41.5), // one too few
		rideFrom(t, eight, ring[1], "LGA", 2, 50, 18.25, 31.75),
		rideFrom(t, eight, ring[5], "LGA", 1, 60, 60, 60),
		rideFrom(t, eight, far, "LGA", 50, 500, 5, 120),
		rideFrom(t, nine, ring[3], "JFK", 3, 150, 45, 56), // none from the cell itself
		rideFrom(t, ten, far, "JFK", 30, 1500, 45, 56),    // none from around it
	}
	row := func(airport string, start int64, cells, trips, sum, least, most float64) []any {
		return []any{airport, float64(start), float64(start + 60*minute), cells, trips, sum, least, most}
	}
	want := [][]any{
		row("JFK", eight, 1, 10, 500, 31, 80),
		row("JFK", nine, 7, 3, 150, 45, 56),
		row("LGA", eight, 7, 12, 380, 18.25, 60),
	}
	for name, sink := range map[string]bool{"Sink": true, "Store": false} {
		t.Run(name, func(t *testing.T) {
			_, client := newStore(t)
			s := live.New(live.Options{Store: client, Around: around, Clock: time.Now, Status: idle, Pulse: time.Millisecond, Settle: time.Millisecond})
			if sink {
				write(t, client, s, docs...)
			} else {
				write(t, client, nil, docs...)
			}
			run(t, s)
			var f frame
			waitFor(t, "the hours", func() bool { get(t, s, "/api/state", &f); return len(f.Airports) == 4 })
			var got ridesAnswer
			if code := get(t, s, "/api/cells/"+chosen.String()+"/rides", &got); code != 200 {
				t.Fatal("status", code)
			}
			if !reflect.DeepEqual(got.From, []string{home[0].String()}) || got.Few != 10 || !reflect.DeepEqual(got.Rows, want) {
				t.Errorf("got %+v\nwant %v", got, want)
			}
		})
	}
}

// Ensure what is no cell, and what cannot be known, is said in words.
func TestAPI_RidesErrors(t *testing.T) {
	ask := func(s *live.Server, cell string) string {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/api/cells/"+cell+"/rides", nil))
		return fmt.Sprintf("%d %s", w.Code, strings.TrimSpace(w.Body.String()))
	}
	s := live.New(live.Options{Around: around, Clock: time.Now, Status: idle})
	for cell, want := range map[string]string{
		"892a":            `400 cell "892a": not an H3 index`,
		"x":               `400 cell "x": not an H3 index`,
		"812abffffffffff": `400 cell 812abffffffffff at resolution 8: too many cells; at most resolution 4`,
	} {
		if got := ask(s, cell); got != want {
			t.Errorf("%s: %s, want %s", cell, got, want)
		}
	}
	cell := cells(t, 1, 9)[0].String()
	if got := ask(s, cell); !strings.HasPrefix(got, "200") || !strings.HasSuffix(got, `"hours":[]}`) {
		t.Errorf("a cell without rides: %s", got)
	}
	if got := ask(live.New(live.Options{Clock: time.Now, Status: idle}), cell); got != "400 the ride from a cell is not known here" {
		t.Errorf("without Around: %s", got)
	}
}

// Ensure the band is the middle 80 % of the trips by their cells' means: of ten trips
// from ten cells the outer two are left out, a cell with many trips stays, and a cell
// with a tenth of the trips goes.
func TestServer_Band(t *testing.T) {
	known := cells(t, 12, 8)
	for name, c := range map[string]struct {
		trips, means []int64
		low, high    float64
	}{
		"TenCells":     {[]int64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, []int64{90, 10, 20, 80, 30, 70, 40, 60, 50, 99}, 20, 90},
		"OneCell":      {[]int64{7}, []int64{33}, 33, 33},
		"TwoCells":     {[]int64{1, 1}, []int64{33, 44}, 33, 44},
		"JustATenth":   {[]int64{1, 8, 1}, []int64{10, 30, 90}, 30, 30},
		"MoreThanThat": {[]int64{2, 8, 1}, []int64{10, 30, 90}, 10, 30},
		"ByTrips":      {[]int64{1, 1, 1, 97}, []int64{10, 20, 30, 50}, 50, 50},
	} {
		t.Run(name, func(t *testing.T) {
			s := live.New(live.Options{Clock: time.Now, Status: idle, Pulse: time.Millisecond, Settle: time.Millisecond})
			for i, n := range c.trips {
				s.Written(ride(t, newYear, known[i], "JFK", n, float64(n*c.means[i])))
			}
			run(t, s)
			var f frame
			waitFor(t, "the hour", func() bool { get(t, s, "/api/state", &f); return len(f.Airports) == 1 })
			if f.Airports[0][5] != c.low || f.Airports[0][6] != c.high {
				t.Errorf("from %v to %v, want from %v to %v", f.Airports[0][5], f.Airports[0][6], c.low, c.high)
			}
		})
	}
}

// Ensure the airport trips that are kept are bounded, and what is not is counted.
func TestServer_RidesLimit(t *testing.T) {
	s := live.New(live.Options{Clock: time.Now, Status: idle, MaxPairs: 5, Keep: 2 * time.Hour})
	known := cells(t, 4, 8)
	for _, hour := range []int64{0, 1, 2} { // of the second hour one fits, of the third none
		for _, c := range known {
			s.Written(ride(t, newYear+hour*60*minute, c, "JFK", 2, 50))
		}
	}
	s.Written(ride(t, newYear+60*minute, known[0], "JFK", 3, 75)) // known: it may change
	if st := s.Stats(); st.Outside != 3+4 || st.Documents != 6 {
		t.Errorf("%d outside and %d taken, want 7 and 6", st.Outside, st.Documents)
	}
	s.Written(hotspot(t, newYear+2*60*minute, cells(t, 1, 9)[0], 2)) // time goes on
	s.Written(ride(t, newYear+2*60*minute, known[0], "JFK", 2, 50))
	if st := s.Stats(); st.Outside != 7 || st.Documents != 8 {
		t.Errorf("%d outside and %d taken, want 7 and 8", st.Outside, st.Documents)
	}
}
