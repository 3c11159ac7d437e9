package opensearch_test

import (
	"strings"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
)

func TestMonthlyIndex(t *testing.T) {
	for _, c := range []struct {
		name, prefix, time, want string
	}{
		{"FirstMillisecond", "", "2016-01-01T00:00:00.000Z", "pickup_count-2016.01"},
		{"LastMillisecond", "", "2015-12-31T23:59:59.999Z", "pickup_count-2015.12"},
		{"Prefix", "v2-", "2016-10-31T23:59:59.999Z", "v2-pickup_count-2016.10"},
		{"BeforeTheEpoch", "", "1969-12-31T23:59:59.999Z", "pickup_count-1969.12"},
		{"ShortYear", "", "0007-03-01T00:00:00.000Z", "pickup_count-0007.03"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339Nano, c.time)
			if err != nil {
				t.Fatal(err)
			}
			if got := opensearch.MonthlyIndex(c.prefix, names.PickupCount, at.UnixMilli()); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

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
