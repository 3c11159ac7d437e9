package opensearch_test

import (
	"strings"
	"testing"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
)

// Ensure that no document can break its batch: line feeds in the source, quotes
// and worse in the id.
func TestWriter_OddBytes(t *testing.T) {
	f := newFixture(t, searchOptions)
	w := f.writer(t, opensearch.WriterOptions{})
	d := hotspot(newYear, "8a2a1072b59ffff", 3)
	d.ID = "a\"b\\c\nü"
	d.Source = []byte(strings.ReplaceAll(string(d.Source), `,"`, ",\r\n  \""))
	mustAdd(t, w, hotspot(newYear, "first", 1), d, hotspot(newYear, "last", 1))
	mustFlush(t, w)
	if got := f.versions(t, names.PickupCount); got[d.ID] != 3 || len(got) != 3 {
		t.Errorf("got %v, want three documents, one of them %q", got, d.ID)
	}
}
