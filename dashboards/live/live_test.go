package live_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"taxistream/dashboards/live"
	"taxistream/internal/opensearch"
)

func idle() live.Status {
	return live.Status{State: "running", Running: true, Condition: live.Replaying, Watermark: live.NoTime, Newest: live.NoTime}
}

// model is the slow and obvious version: the greatest version of each id.
type model map[string]opensearch.Document

func (m model) add(d opensearch.Document) {
	if d.Version > m[d.ID].Version {
		m[d.ID] = d
	}
}

// picture is what a viewer that begins now would see: counts by window and cell.
// It is nil where a window's summary and content differ, because documents came
// in meanwhile; they must agree in the end.
func picture(t testing.TB, s *live.Server) map[int64]map[string]int64 {
	t.Helper()
	var f frame
	get(t, s, "/api/state", &f)
	out := make(map[int64]map[string]int64)
	for _, w := range f.Windows {
		var answer struct{ Windows []content }
		get(t, s, fmt.Sprintf("/api/hotspots?from=%d&to=%d", w[0], w[0]), &answer)
		counts := make(map[string]int64)
		var trips, top int64
		for i, n := range answer.Windows[0].Cells {
			if n >= len(f.Cells.List) {
				return nil
			}
			c := answer.Windows[0].Counts[i]
			counts[f.Cells.List[n][0].(string)] = c
			trips, top = trips+c, max(top, c)
		}
		if w != [5]int64{w[0], w[0] + tenMin, int64(len(counts)), trips, top} {
			return nil
		}
		out[w[0]] = counts
	}
	return out
}

// Ensure that documents in any order, doubled, outdated, before and after the
// fill, leave the newest version of each, and that a server filled from the
// store alone shows the same as one that saw them come.
func TestServer_ShowsTheDocuments(t *testing.T) {
	store, client := newStore(t)
	_ = store
	random := rand.New(rand.NewPCG(7, 7))
	known := cells(t, 40, 9)
	want := make(model)
	draw := func(n int) (docs []opensearch.Document) {
		for range n {
			d := hotspot(t, newYear+tenMin*random.Int64N(20), known[random.IntN(len(known))], 2+random.Int64N(30))
			want.add(d)
			docs = append(docs, d)
		}
		return docs
	}
	write(t, client, nil, draw(500)...)
	s := live.New(live.Options{Store: client, Clock: time.Now, Status: idle, Pulse: time.Millisecond, Settle: time.Millisecond})
	stop := run(t, s)
	write(t, client, s, draw(500)...)
	expected := make(map[int64]map[string]int64)
	for _, d := range want {
		var start, length int64
		var cell string
		if _, err := fmt.Sscanf(d.ID, "%d-%d-%s", &start, &length, &cell); err != nil {
			t.Fatal(err)
		}
		if expected[start] == nil {
			expected[start] = make(map[string]int64)
		}
		expected[start][cell] = d.Version
	}
	waitFor(t, "the server shows the documents", func() bool { return reflect.DeepEqual(picture(t, s), expected) })
	stop()

	again := live.New(live.Options{Store: client, Clock: time.Now, Status: idle, Pulse: time.Millisecond, Settle: time.Millisecond})
	run(t, again)
	waitFor(t, "a new server shows the same", func() bool { return reflect.DeepEqual(picture(t, again), expected) })
}

// Ensure the band leaves out what begins inside the airport, and the mean does not.
func TestServer_BandOutsideOfTheAirport(t *testing.T) {
	_, client := newStore(t)
	known := cells(t, 3, 8)
	terminal, there := known[0], known[1:]
	inside := func(cell, airport string) bool { return cell == terminal.String() && airport == "JFK" }
	s := live.New(live.Options{Inside: inside, Store: client, Clock: time.Now, Status: idle, Pulse: time.Millisecond, Settle: time.Millisecond})
	write(t, client, s, ride(t, newYear, terminal, "JFK", 1, 4), ride(t, newYear, there[0], "JFK", 1, 30), ride(t, newYear, there[1], "JFK", 2, 86),
		ride(t, newYear, terminal, "LGA", 1, 25), ride(t, newYear+60*minute, terminal, "JFK", 1, 4))
	run(t, s)
	want := [][]any{
		{"JFK", float64(newYear), float64(newYear + 60*minute), 4.0, 30.0, 30.0, 43.0, 3.0},
		{"JFK", float64(newYear + 60*minute), float64(newYear + 120*minute), 1.0, 4.0, 4.0, 4.0, 1.0}, // nothing else: no band
		{"LGA", float64(newYear), float64(newYear + 60*minute), 1.0, 25.0, 25.0, 25.0, 1.0},           // the other airport is a place like any
	}
	var f frame
	waitFor(t, "the hours", func() bool { get(t, s, "/api/state", &f); return len(f.Airports) == 3 })
	if !reflect.DeepEqual(f.Airports, want) {
		t.Errorf("got %v\nwant %v", f.Airports, want)
	}
}

// Ensure an hour's line is the mean weighted by trips and the range of the
// cells' means, from the store and from the sink alike.
func TestServer_AirportLines(t *testing.T) {
	_, client := newStore(t)
	known := cells(t, 3, 8)
	docs := []opensearch.Document{
		ride(t, newYear, known[0], "JFK", 1, 30), ride(t, newYear, known[1], "JFK", 3, 150), ride(t, newYear, known[2], "LGA", 2, 41),
		ride(t, newYear, known[0], "JFK", 2, 70), // a newer version of the first
	}
	want := [][]any{
		{"JFK", float64(newYear), float64(newYear + 60*minute), 5.0, 44.0, 35.0, 50.0, 2.0},
		{"LGA", float64(newYear), float64(newYear + 60*minute), 2.0, 20.5, 20.5, 20.5, 1.0},
	}
	for name, from := range map[string]bool{"Sink": true, "Store": false} {
		t.Run(name, func(t *testing.T) {
			s := live.New(live.Options{Store: client, Clock: time.Now, Status: idle, Pulse: time.Millisecond, Settle: time.Millisecond})
			if from {
				write(t, client, s, docs...)
			} else {
				write(t, client, nil, docs...)
			}
			run(t, s)
			var f frame
			waitFor(t, "both hours", func() bool { get(t, s, "/api/state", &f); return len(f.Airports) == 2 })
			if !reflect.DeepEqual(f.Airports, want) {
				t.Errorf("got %v\nwant %v", f.Airports, want)
			}
		})
	}
}

// Ensure memory is bounded: old windows leave, limits hold, and what is not
// shown is counted.
func TestServer_Limits(t *testing.T) {
	c := &clock{time.UnixMilli(newYear)}
	s := live.New(live.Options{Clock: c.now, Status: idle, Keep: time.Hour, MaxCells: 5, MaxPairs: 12})
	known := cells(t, 6, 9)
	for w := range int64(20) {
		for _, cell := range known {
			s.Written(hotspot(t, newYear+w*tenMin, cell, 2))
		}
	}
	st := s.Stats()
	if st.Cells != 5 || st.Pairs > 12+5 || st.Windows > 6 || st.Squeezed == 0 {
		t.Errorf("%+v", st)
	}
	before := st.Outside // 20 windows of a sixth cell
	s.Written(hotspot(t, newYear, known[0], 9))
	if got := s.Stats().Outside; before != 20 || got != before+1 {
		t.Errorf("%d, then %d documents outside; want 20 and 21", before, got)
	}
	s.Written(opensearch.Document{Index: "other-2016.01", ID: "1-600000-892a", Version: 1, Source: []byte("{}")})
	if got := s.Stats(); got.Unreadable != 0 || got.Outside != before+1 {
		t.Errorf("a document of others was read: %+v", got)
	}
}

// Ensure a window is shown when it is still or a newer one has begun, not while
// its documents come in.
func TestServer_Settles(t *testing.T) {
	known := cells(t, 2, 9)
	var events atomic.Int64
	busy := func() live.Status {
		st := idle()
		st.Running, st.Events = true, events.Add(1)
		return st
	}
	s := live.New(live.Options{Clock: time.Now, Status: busy, Pulse: time.Millisecond, Settle: time.Hour})
	run(t, s)
	s.Written(hotspot(t, newYear, known[0], 2))
	var first, f frame
	get(t, s, "/api/state", &first)
	waitFor(t, "some frames", func() bool { get(t, s, "/api/state", &f); return f.Frame > first.Frame+2 })
	if len(f.Windows) != 0 {
		t.Error("a window is shown while its documents come in")
	}
	s.Written(hotspot(t, newYear+tenMin, known[0], 2))
	waitFor(t, "the first window", func() bool { get(t, s, "/api/state", &f); return len(f.Windows) == 1 })
	if spots := s.Hottest(3); len(spots) != 1 || spots[0].Cell != known[0].String() || spots[0].Pickups != 2 || math.Abs(spots[0].Lat-40.755) > 0.01 {
		t.Errorf("hottest: %+v", spots)
	}
	if f.Windows[0][0] != newYear || f.Current == nil || !slices.Equal(f.Current.Counts, []int64{2}) {
		t.Errorf("got %+v", f)
	}
}

// watched is a store that notes whether it was asked for groups while no page was open.
type watched struct {
	*opensearch.Client
	open, unasked atomic.Bool
}

func (w *watched) Top(ctx context.Context, index, by, sum string, n int) ([]opensearch.Group, error) {
	if !w.open.Load() {
		w.unasked.Store(true)
	}
	return w.Client.Top(ctx, index, by, sum, n)
}

// Ensure rejects are counted in the store while a page is open, and only then, and
// that the page is shown the store's counts.
func TestServer_Rejects(t *testing.T) {
	_, client := newStore(t)
	reject := func(n int, reason string) opensearch.Document {
		return opensearch.Document{
			Index: "taxi_rejects-2016.01", ID: fmt.Sprintf("shardId-000000000000-%d-0", n), Version: 1,
			Source: fmt.Appendf(nil, `{"reason":%q,"detail":"d","record":"YQ==","shard":"s","sequence_number":"%d","timestamp":%q}`, reason, n, instant(newYear)),
		}
	}
	write(t, client, nil, reject(1, "late"), reject(2, "late"), reject(3, "too_long"))
	store := &watched{Client: client}
	status := func() live.Status {
		st := idle()
		st.Running, st.Rejects = true, map[string]int64{"late": 1}
		return st
	}
	s := live.New(live.Options{Store: store, Clock: time.Now, Status: status, Pulse: time.Millisecond})
	run(t, s)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	for range 3 { // pages, one after the other; before, between and after them nothing is counted
		var f frame
		waitFor(t, "the process's own counts", func() bool { f = frame{}; get(t, s, "/api/state", &f); return f.Status.Rejects["late"] == 1 })
		if f.Status.Stored {
			t.Error("the process's own counts are said to be the store's")
		}
		store.open.Store(false)
		if store.unasked.Load() {
			t.Fatal("counted while no page was open")
		}
		store.open.Store(true)
		page := open(t, server.URL, "")
		for f, _ = page.next(); !f.Status.Stored; f, _ = page.next() {
			if f.Run == "" {
				t.Fatal("the page was left without the store's counts")
			}
		}
		if want := map[string]int64{"late": 2, "too_long": 1}; !reflect.DeepEqual(f.Status.Rejects, want) {
			t.Errorf("got %v, want %v", f.Status.Rejects, want)
		}
		page.close()
	}
}

// Ensure what is not known is null, never 0.
func TestServer_Unknown(t *testing.T) {
	st := live.Status{State: "created", Condition: live.Starting, Watermark: live.NoTime, Newest: live.NoTime}
	s := live.New(live.Options{Clock: time.Now, Status: func() live.Status { return st }, Pulse: time.Millisecond})
	run(t, s)
	var f struct{ Status map[string]any }
	names := []string{"since", "watermark", "newest", "behind_ms", "shards", "events", "events_per_second", "speedup", "trips", "documents", "documents_refused", "rejects", "checkpoint"}
	waitFor(t, "the condition", func() bool { get(t, s, "/api/state", &f); return f.Status["condition"] == "starting" })
	for _, name := range names {
		if v, ok := f.Status[name]; !ok || v != nil {
			t.Errorf("%s is %v, want null", name, v)
		}
	}
}
