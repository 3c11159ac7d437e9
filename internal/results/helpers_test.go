package results_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
)

var (
	rules         = map[string]string{"hotspot_window": "10m0s", "hotspot_min": "2"}
	searchOptions = search.Options{}
)

const newYear = 1451606400000 // 2016-01-01T00:00:00Z

// fixture is a client of an embedded store, with the templates in place.
type fixture struct {
	store  *search.Server
	client *opensearch.Client
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
	f := &fixture{store: store}
	if f.client, err = opensearch.New(opensearch.Options{Endpoint: base}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.client.Close)
	if err := results.PutTemplates(t.Context(), f.client, "", rules, results.TemplateOptions{}); err != nil {
		t.Fatal(err)
	}
	return f
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

func contains(t testing.TB, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("got %q, want it to contain %q", got, w)
		}
	}
}
