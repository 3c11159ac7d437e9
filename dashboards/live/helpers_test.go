package live_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"taxistream/dashboards/live"
	"taxistream/internal/geo"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/results/document"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

const (
	newYear = 1451624400000 // 2016-01-01 00:00 in New York
	minute  = 60_000
	tenMin  = 10 * minute
)

func instant(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// hotspot is a pickup_count document as the processor writes it.
func hotspot(t testing.TB, start int64, cell geo.Cell, count int64) opensearch.Document {
	t.Helper()
	return opensearch.Document{
		Index:   results.MonthlyIndex("", names.PickupCount, start),
		ID:      fmt.Sprintf("%d-%d-%s", start, tenMin, cell),
		Version: count,
		Value:   document.Hotspot{Cell: cell, Start: start, End: start + tenMin, Count: count},
		Source:  fmt.Appendf(shape(t, cell), `"pickup_count":%d,"window_start":%q,"window_end":%q,"timestamp":%q}`, count, instant(start), instant(start+tenMin), instant(start+tenMin-1)),
	}
}

// ride is a trip_duration document; sum is in minutes, its quickest trip takes half of the mean and its slowest twice as long.
func ride(t testing.TB, start int64, cell geo.Cell, airport string, trips int64, sum float64) opensearch.Document {
	t.Helper()
	mean := sum / float64(trips)
	return rideFrom(t, start, cell, airport, trips, sum, mean/2, mean*2)
}

// rideFrom is a trip_duration document as the processor writes it; durations are in minutes.
func rideFrom(t testing.TB, start int64, cell geo.Cell, airport string, trips int64, sum, quickest, slowest float64) opensearch.Document {
	t.Helper()
	ms := func(minutes float64) int64 { return int64(math.Round(minutes * minute)) }
	return opensearch.Document{
		Index:   results.MonthlyIndex("", names.TripDuration, start),
		ID:      fmt.Sprintf("%d-%d-%s-%s", start, 60*minute, cell, airport),
		Version: trips,
		Value: document.AirportTrips{
			AirportKey: document.AirportKey{Cell: cell, Airport: map[string]geo.Airport{"JFK": geo.JFK, "LGA": geo.LGA}[airport]},
			Durations:  document.Durations{Count: trips, SumMs: ms(sum), MinMs: ms(quickest), MaxMs: ms(slowest)}, Start: start, End: start + 60*minute,
		},
		Source: fmt.Appendf(shape(t, cell), `"airport_code":%q,"trip_count":%d,"sum_trip_duration":%v,"avg_trip_duration":%v,"min_trip_duration":%v,"max_trip_duration":%v,"window_start":%q,"window_end":%q,"timestamp":%q}`,
			airport, trips, sum, sum/float64(trips), quickest, slowest, instant(start), instant(start+60*minute), instant(start+60*minute-1)),
	}
}

// shapes keeps what shape made: boundaries cost more than everything else here.
var shapes sync.Map

func shape(t testing.TB, cell geo.Cell) []byte {
	t.Helper()
	if known, ok := shapes.Load(cell); ok {
		return slices.Clone(known.([]byte))
	}
	lat, lon, err := cell.Center()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := cell.Boundary()
	if err != nil {
		t.Fatal(err)
	}
	j, err := json.Marshal(ring)
	if err != nil {
		t.Fatal(err)
	}
	made := fmt.Appendf(nil, `{"cell":"%s","resolution":%d,"location":{"lat":%v,"lon":%v},"boundary":{"type":"Polygon","coordinates":[%s]},`, cell, cell.Resolution(), lat, lon, j)
	shapes.Store(cell, slices.Clone(made))
	return made
}

// cells are the first n of the city's, from Midtown outwards.
func cells(t testing.TB, n, resolution int) []geo.Cell {
	t.Helper()
	seen := make(map[geo.Cell]bool)
	var list []geo.Cell
	for ring := 0; len(list) < n; ring++ {
		for x := -ring; x <= ring; x++ {
			for y := -ring; y <= ring; y++ {
				c, err := geo.CellAt(40.755+float64(y)*0.0008, -73.98+float64(x)*0.001, resolution)
				if err != nil {
					t.Fatal(err)
				}
				if !seen[c] && len(list) < n {
					seen[c] = true
					list = append(list, c)
				}
			}
		}
	}
	return list
}

// clock is a wall clock that the test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newStore(t testing.TB) (*search.Server, *opensearch.Client) {
	t.Helper()
	store := storetest.New(t, search.Options{}, opensearch.Options{})
	return store.Server, store.Client
}

// write puts documents into the store, and into a server where there is one.
func write(t testing.TB, c *opensearch.Client, s *live.Server, docs ...opensearch.Document) {
	t.Helper()
	o := opensearch.WriterOptions{}
	if s != nil {
		o.OnWritten = s.Written
	}
	w := opensearch.NewWriter(c, o)
	defer w.Close()
	storetest.Add(t, w, docs...)
	storetest.Flush(t, w)
}

// frame is what a viewer is told, as far as the tests look at it.
type frame struct {
	Run          string
	Frame, Since uint64
	Oldest       *int64
	Earlier      string
	Cells        struct {
		From int
		List [][]any
	}
	Windows  [][5]int64
	Current  *content
	Airports [][]any
	Status   struct {
		Events    int64
		PerSecond float64 `json:"events_per_second"`
		Speedup   float64
		Watermark *int64
		Rejects   map[string]int64
		Stored    bool  `json:"rejects_stored"`
		Outside   int64 `json:"documents_outside"`
	}
}

type content struct {
	Start, End int64
	Cells      []int
	Counts     []int64
}

func get(t testing.TB, s *live.Server, path string, into any) int {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
	if into != nil {
		if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(into); err != nil {
			t.Fatalf("%s: %v: %.200s", path, err, w.Body.String())
		}
	}
	return w.Code
}

// run brings a server to life for the time of the test.
func run(t testing.TB, s *live.Server) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for !ok() {
		select {
		case <-t.Context().Done():
			t.Fatalf("still waiting: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
