// Package storetest is an embedded results store for the tests of what writes to
// OpenSearch and reads from it.
package storetest

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

// NewYear is 2016-01-01T00:00:00Z, in ms.
const NewYear = 1451606400000

// Rules are those that the store's templates hold.
var Rules = map[string]string{"hotspot_window": "10m0s", "hotspot_min": "2"}

// Store is a server, with the templates in place, and a client of it.
type Store struct {
	*search.Server
	URL    string
	Client *opensearch.Client
}

// New starts a store for the time of a test. The client's endpoint is the store's.
func New(t testing.TB, so search.Options, o opensearch.Options) *Store {
	t.Helper()
	server, err := search.New(so)
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{Server: server}
	if s.URL, err = server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	o.Endpoint = s.URL
	s.Client = Client(t, o)
	if err := results.PutTemplates(t.Context(), s.Client, "", Rules, nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// Client makes one for the time of a test.
func Client(t testing.TB, o opensearch.Options) *opensearch.Client {
	t.Helper()
	c, err := opensearch.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Writer makes one to the store for the time of a test.
func (s *Store) Writer(t testing.TB, o opensearch.WriterOptions) *opensearch.Writer {
	t.Helper()
	w := opensearch.NewWriter(s.Client, o)
	t.Cleanup(w.Close)
	return w
}

// Add hands documents to a writer.
func Add(t testing.TB, w *opensearch.Writer, docs ...opensearch.Document) {
	t.Helper()
	for _, d := range docs {
		if err := w.Add(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
}

// Flush waits until a writer's documents are written.
func Flush(t testing.TB, w *opensearch.Writer) {
	t.Helper()
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Hotspot is a pickup_count document as the processor writes it, of a window of ten
// minutes from start, ms.
func Hotspot(start int64, cell string, count int64) opensearch.Document {
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

// Contains checks that a text has each of the parts.
func Contains(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("got %q, want it to contain %q", text, part)
		}
	}
}
