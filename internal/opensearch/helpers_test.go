package opensearch_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
)

var rules = map[string]string{"hotspot_window": "10m0s", "hotspot_min": "2"}

// fixture is a client of an embedded store, with the templates in place.
type fixture struct {
	store  *search.Server
	client *opensearch.Client
	said   *sayings
}

// sayings keeps what the client told of the server's troubles.
type sayings struct {
	mu            sync.Mutex
	troubles, ups []string
}

func (s *sayings) trouble(m string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.troubles = append(s.troubles, m)
}

func (s *sayings) up(m string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ups = append(s.ups, m)
}

func (s *sayings) counts() (troubles, ups int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.troubles), len(s.ups)
}

func (s *sayings) first() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.troubles) == 0 {
		return ""
	}
	return s.troubles[0]
}

func newFixture(t testing.TB, o search.Options) *fixture {
	t.Helper()
	store, err := search.New(o)
	if err != nil {
		t.Fatal(err)
	}
	base, err := store.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	f := &fixture{store: store, said: &sayings{}}
	f.client = newClient(t, base, f.said)
	if err := results.PutTemplates(t.Context(), f.client, "", rules, results.TemplateOptions{}); err != nil {
		t.Fatal(err)
	}
	return f
}

func newClient(t testing.TB, base string, said *sayings) *opensearch.Client {
	t.Helper()
	c, err := opensearch.New(opensearch.Options{
		Endpoint: base, MinBackoff: time.Millisecond, MaxBackoff: 4 * time.Millisecond,
		RequestTimeout: 5 * time.Second, OnTrouble: said.trouble, OnRecovered: said.up,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func (f *fixture) writer(t testing.TB, o opensearch.WriterOptions) *opensearch.Writer {
	t.Helper()
	w := opensearch.NewWriter(f.client, o)
	t.Cleanup(w.Close)
	return w
}

// hotspot is a pickup_count document as the processor writes it.
func hotspot(start int64, cell string, count int64) opensearch.Document {
	const window = 600_000
	text := func(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }
	return opensearch.Document{
		Index:   results.MonthlyIndex("", names.PickupCount, start),
		ID:      fmt.Sprintf("%d-%d-%s", start, window, cell),
		Version: count,
		Source: fmt.Appendf(nil, `{"cell":%q,"resolution":9,"location":{"lat":40.75,"lon":-73.98},"boundary":{"type":"Polygon","coordinates":[[[-73.98,40.75],[-73.97,40.75],[-73.97,40.76],[-73.98,40.75]]]},"pickup_count":%d,"window_start":%q,"window_end":%q,"timestamp":%q}`,
			cell, count, text(start), text(start+window), text(start+window-1)),
	}
}

const newYear = 1451606400000 // 2016-01-01T00:00:00Z

// once makes a fault that strikes the first n bulk requests.
func once(n int, f search.Fault) search.FaultFunc {
	var mu sync.Mutex
	return func(r *http.Request) *search.Fault {
		mu.Lock()
		defer mu.Unlock()
		if !search.IsBulk(r) || n == 0 {
			return nil
		}
		n--
		return &f
	}
}

func mustAdd(t testing.TB, w *opensearch.Writer, docs ...opensearch.Document) {
	t.Helper()
	for _, d := range docs {
		if err := w.Add(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
}

func mustFlush(t testing.TB, w *opensearch.Writer) {
	t.Helper()
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// versions reads what is in an alias: version by id.
func (f *fixture) versions(t testing.TB, alias string) map[string]int64 {
	t.Helper()
	out := make(map[string]int64)
	err := f.client.ScanAll(context.Background(), opensearch.Scan{Index: alias, Sort: results.UniqueSort(alias), PageSize: 7}, func(h opensearch.Hit) error {
		if _, twice := out[h.ID]; twice {
			t.Errorf("document %s was found twice", h.ID)
		}
		out[h.ID] = h.Version
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func contains(t testing.TB, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("got %q, want it to contain %q", got, w)
		}
	}
}
