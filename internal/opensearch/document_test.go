package opensearch_test

import (
	"strings"
	"testing"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// Ensure that no document can break its batch: line feeds in the source, quotes
// and worse in the id.
func TestWriter_OddBytes(t *testing.T) {
	f := newFixture(t, search.Options{})
	w := f.Writer(t, opensearch.WriterOptions{})
	d := storetest.Hotspot(storetest.NewYear, "8a2a1072b59ffff", 3)
	d.ID = "a\"b\\c\nü"
	d.Source = []byte(strings.ReplaceAll(string(d.Source), `,"`, ",\r\n  \""))
	storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, "first", 1), d, storetest.Hotspot(storetest.NewYear, "last", 1))
	storetest.Flush(t, w)
	if got := f.versions(t, names.PickupCount); got[d.ID] != 3 || len(got) != 3 {
		t.Errorf("got %v, want three documents, one of them %q", got, d.ID)
	}
}
