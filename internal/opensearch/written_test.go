package opensearch_test

import (
	"sync"
	"testing"

	"taxistream/internal/opensearch"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// Ensure OnWritten has told of every document that is in the index by the time
// Flush returns, source and all, whatever went wrong on the way, and of no other.
func TestWriter_OnWritten(t *testing.T) {
	f := newFixture(t, search.Options{})
	var mu sync.Mutex
	told := make(map[string]opensearch.Document)
	w := f.Writer(t, opensearch.WriterOptions{
		MaxItems: 5, InFlight: 3,
		OnWritten: func(d opensearch.Document) {
			mu.Lock()
			defer mu.Unlock()
			if told[d.ID].Version <= d.Version {
				told[d.ID] = opensearch.Document{Index: d.Index, ID: d.ID, Version: d.Version, Source: append([]byte(nil), d.Source...)}
			}
		},
		OnPoison: func(opensearch.Document, opensearch.Refusal) (*opensearch.Document, error) { return nil, nil },
	})
	f.SetFault(randomFaults(1, 40))
	refused := storetest.Hotspot(storetest.NewYear, "refused", 2)
	refused.Source = []byte(`{"unknown":1}`)
	storetest.Add(t, w, refused)
	want := make(map[string]opensearch.Document)
	for i := range 100 {
		d := storetest.Hotspot(storetest.NewYear+600_000*int64(i%7), string(rune('a'+i%9)), int64(i))
		storetest.Add(t, w, d)
		want[d.ID] = d
	}
	storetest.Flush(t, w)
	mu.Lock()
	defer mu.Unlock()
	if len(told) != len(want) {
		t.Errorf("told of %d documents, want %d", len(told), len(want))
	}
	for id, d := range want {
		if got := told[id]; got.Version != d.Version || got.Index != d.Index || string(got.Source) != string(d.Source) {
			t.Errorf("%s: told %+v, want %+v", id, got, d)
		}
	}
}
