package opensearch_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// Ensure that a real server takes the templates and the documents, judges them
// as the embedded store does, and exports the same bytes.
func TestRealServer(t *testing.T) {
	base := os.Getenv("TAXI_OPENSEARCH")
	if base == "" {
		t.Skip("TAXI_OPENSEARCH names no OpenSearch server to test against")
	}
	embedded := newFixture(t, search.Options{})
	real := newClient(t, base, &sayings{})
	prefix := fmt.Sprintf("test%d-", time.Now().UnixNano())
	exports := make([]string, 2)
	for i, c := range []*opensearch.Client{embedded.Client, real} {
		for range 2 { // the second time they are there
			if err := results.PutTemplates(t.Context(), c, prefix, storetest.Rules, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := results.PutTemplates(t.Context(), c, prefix, map[string]string{"hotspot_min": "3"}, nil); err == nil {
			t.Error("other rules were taken")
		}
		writeAll(t, c, prefix)
		var out strings.Builder
		if _, err := results.Export(t.Context(), c, prefix, &out); err != nil {
			t.Fatal(err)
		}
		exports[i] = out.String()
		rejects := 0
		if err := c.Refresh(t.Context(), prefix+names.TaxiRejects); err != nil {
			t.Fatal(err)
		}
		for _, err := range c.All(t.Context(), opensearch.Scan{Index: prefix + names.TaxiRejects, Sort: results.UniqueSort(names.TaxiRejects), PageSize: 2}) {
			if err != nil {
				t.Error(err)
			}
			rejects++
		}
		if rejects != 3 {
			t.Errorf("got %d rejects, want 3", rejects)
		}
	}
	if exports[0] != exports[1] || strings.Count(exports[0], "\n") != 402 {
		t.Errorf("the exports differ, or have not 402 lines:\n%.2000s\n\n%.2000s", exports[0], exports[1])
	}
}

// writeAll writes windows of 13 and of fewer digits, old versions after new
// ones, and three documents that are refused.
func writeAll(t *testing.T, c *opensearch.Client, prefix string) {
	w := opensearch.NewWriter(c, opensearch.WriterOptions{MaxItems: 30, FlushInterval: time.Hour, OnPoison: func(d opensearch.Document, why opensearch.Refusal) (*opensearch.Document, error) {
		return &opensearch.Document{
			Index: results.MonthlyIndex(prefix, names.TaxiRejects, storetest.NewYear), ID: d.Index + "-" + d.ID, Version: 1,
			Source: fmt.Appendf(nil, `{"reason":"unwritable","detail":%q,"record":"e30=","shard":"","sequence_number":"","timestamp":"2016-01-01T00:00:00.000Z"}`, why.Type),
		}, nil
	}})
	defer w.Close()
	for i := range 400 {
		start := int64(storetest.NewYear) + 600_000*int64(i/3)
		if i%20 == 0 {
			start = 978307200000 + 600_000*int64(i) // 2001: twelve digits
		}
		d := storetest.Hotspot(start, fmt.Sprintf("89%x", i), 5)
		d.Index = prefix + d.Index
		storetest.Add(t, w, d)
		d.Version = int64(i%2)*5 + 3
		storetest.Add(t, w, d)
	}
	storetest.Add(t, w, airport(prefix, storetest.NewYear, "88", "LGA"), airport(prefix, storetest.NewYear, "88", "JFK"))
	for i, change := range []string{`"cell"`, `"pickup_count":`, `{`} {
		d := storetest.Hotspot(storetest.NewYear, fmt.Sprintf("bad%d", i), 1)
		d.Index = prefix + d.Index
		d.Source = []byte(strings.Replace(string(d.Source), change, change+`x`, 1))
		storetest.Add(t, w, d)
	}
	storetest.Flush(t, w)
	if s := w.Stats(); s.Poisoned != 3 || s.Repeats != 200 {
		t.Errorf("got %+v, want 3 refused and 200 repeats", s)
	}
}

// airport is a trip_duration document, its fields in an order of their own.
func airport(prefix string, start int64, cell, code string) opensearch.Document {
	d := storetest.Hotspot(start, cell, 2)
	d.Index = results.MonthlyIndex(prefix, names.TripDuration, start)
	d.ID += "-" + code
	d.Source = []byte(strings.Replace(string(d.Source), `"pickup_count":2`,
		`"max_trip_duration":1e2, "airport_code":"`+code+`","trip_count":2,"sum_trip_duration":100.10,"avg_trip_duration":50.05,"min_trip_duration":1.0`, 1))
	return d
}
