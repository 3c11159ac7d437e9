package results_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// airport is a trip_duration document, its fields in an order of their own.
func airport(prefix string, start int64, cell, code string) opensearch.Document {
	d := storetest.Hotspot(start, cell, 2)
	d.Index = results.MonthlyIndex(prefix, names.TripDuration, start)
	d.ID += "-" + code
	d.Source = []byte(strings.Replace(string(d.Source), `"pickup_count":2`,
		`"max_trip_duration":1e2, "airport_code":"`+code+`","trip_count":2,"sum_trip_duration":100.10,"avg_trip_duration":50.05,"min_trip_duration":1.0`, 1))
	return d
}

// Ensure that an export is sorted by (_index, _id) as text, whatever the number
// of digits of a window's start, in the table's order of fields and with the
// digits that were written.
func TestExport(t *testing.T) {
	f := storetest.New(t, search.Options{}, opensearch.Options{})
	if err := results.PutTemplates(t.Context(), f.Client, "v2-", storetest.Rules, nil); err != nil {
		t.Fatal(err)
	}
	w := f.Writer(t, opensearch.WriterOptions{})
	storetest.Add(t, w, airport("v2-", storetest.NewYear, "cell", "LGA"), airport("v2-", storetest.NewYear, "cell", "JFK"), airport("", storetest.NewYear, "cell", "JFK"))
	for _, start := range []int64{storetest.NewYear, 978307200000, 0, -600000, 999_999_600_000, 1_000_000_200_000, -86_400_000, 600_000, 60_000_000} {
		d := storetest.Hotspot(start, "cell", 2)
		d.Index = "v2-" + d.Index
		storetest.Add(t, w, d)
	}
	storetest.Flush(t, w)
	var out strings.Builder
	lines, err := results.Export(t.Context(), f.Client, "v2-", &out)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(out.String()), "\n")
	if lines != 11 || len(got) != 11 {
		t.Fatalf("got %d lines, said %d, want 11:\n%s", len(got), lines, out.String())
	}
	if !slices.IsSortedFunc(got, byIndexAndID(t)) {
		t.Errorf("not sorted:\n%s", out.String())
	}
	want := `{"_index":"v2-trip_duration","_id":"1451606400000-600000-cell-JFK","_source":{"cell":"cell","resolution":9,"location":{"lat":40.75,"lon":-73.98},"boundary":{"type":"Polygon","coordinates":[[[-73.98,40.75],[-73.97,40.75],[-73.97,40.76],[-73.98,40.75]]]},"airport_code":"JFK","trip_count":2,"sum_trip_duration":100.10,"avg_trip_duration":50.05,"min_trip_duration":1.0,"max_trip_duration":1e2,"window_start":"2016-01-01T00:00:00.000Z","window_end":"2016-01-01T00:10:00.000Z","timestamp":"2016-01-01T00:09:59.999Z"}}`
	if got[9] != want {
		t.Errorf("got  %s\nwant %s", got[9], want)
	}
}

func byIndexAndID(t *testing.T) func(a, b string) int {
	key := func(line string) string {
		var l struct {
			Index string `json:"_index"`
			ID    string `json:"_id"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		return l.Index + "\x00" + l.ID
	}
	return func(a, b string) int { return strings.Compare(key(a), key(b)) }
}

// Ensure that random documents over pages and months come out as a plain sort has them.
func TestExport_Model(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := storetest.New(t, search.Options{}, opensearch.Options{})
		w := f.Writer(t, opensearch.WriterOptions{})
		want := make(map[string]string)
		windows := rapid.IntRange(1, 6).Draw(rt, "windows")
		for i := range windows {
			start := 600_000 * rapid.Int64Range(-20, 3_000_000).Draw(rt, "start")
			for cell := range rapid.IntRange(1, 9).Draw(rt, "cells") {
				d := storetest.Hotspot(start, fmt.Sprintf("%x", cell*7+i), 2)
				storetest.Add(t, w, d)
				want[d.ID] = fmt.Sprintf(`{"_index":"pickup_count","_id":%q,"_source":%s}`, d.ID, d.Source)
			}
		}
		storetest.Flush(t, w)
		var out strings.Builder
		if _, err := results.ExportPages(t.Context(), f.Client, "", &out, rapid.IntRange(1, 12).Draw(rt, "page")); err != nil {
			rt.Fatal(err)
		}
		ids := make([]string, 0, len(want))
		for id := range want {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		var lines strings.Builder
		for _, id := range ids {
			lines.WriteString(want[id] + "\n")
		}
		if out.String() != lines.String() {
			rt.Fatalf("got\n%s\nwant\n%s", out.String(), lines.String())
		}
		w.Close()
		_ = f.Close()
	})
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestExport_WriteError(t *testing.T) {
	f := storetest.New(t, search.Options{}, opensearch.Options{})
	w := f.Writer(t, opensearch.WriterOptions{})
	storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, "cell", 2))
	storetest.Flush(t, w)
	if _, err := results.Export(t.Context(), f.Client, "", fullDisk{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
}
