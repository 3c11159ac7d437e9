package sort_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taxistream/data/sort"
	"taxistream/internal/trip"
)

// Ensure a stream that gives no trip says so, and what times there are; and that
// it ends as usual where it gave one, in every pass.
func TestStream_Nothing(t *testing.T) {
	lines := rows(20)
	full, header := write(t, "full.csv", lines), filepath.Join(t.TempDir(), "header.csv")
	text, err := os.ReadFile(full)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(header, []byte(head+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all, _ := all(t, sort.Options{}, full)
	first, last := all[0].Dropoff, all[len(all)-1].Dropoff
	prepared := save(t, open(t, full))
	for name, c := range map[string]struct {
		o       sort.Options
		sources []string
		want    string
	}{
		"HeaderAlone":   {sort.Options{}, []string{full, header}, "header.csv: no row: name a source that holds trips"},
		"Later":         {sort.Options{First: last + 1, Last: last + 2}, []string{full}, "no trip has an event time from " + at(last+1) + " to " + at(last+2) + ": the sources' lie from " + at(first) + " to " + at(last)},
		"Earlier":       {sort.Options{First: first - 2, Last: first - 1}, []string{full, full}, "the sources' lie from " + at(first)},
		"PreparedLater": {sort.Options{First: last + 1, Last: last + 2}, []string{prepared}, ": the sources' last is " + at(last)},
		"PreparedFirst": {sort.Options{First: first - 2, Last: first - 1}, []string{prepared}, ": the sources' first is " + at(first)},
	} {
		s, err := sort.Open(t.Context(), c.sources, c.o)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if n, err := s.Next(make([]trip.Trip, 10)); n != 0 || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %d trips, %v; want %q", name, n, err, c.want)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func at(ms int64) string { return string(trip.AppendTime(nil, ms)) }
