package document_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"taxistream/internal/geo"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/results/document"
)

// Ensure a result and its document say the same: the id, the version, each field,
// in the table's order.
func TestDocumentsReadBack(t *testing.T) {
	cell, err := geo.CellAt(40.75, -73.98, 9)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		start := 600_000 * rapid.Int64Range(-1000, 3_000_000).Draw(t, "start")
		w := document.Writer{Prefix: "v2-"}
		h := document.Hotspot{Cell: cell, Start: start, End: start + 600_000, Count: rapid.Int64Range(1, 1e6).Draw(t, "count")}
		d, err := w.Hotspot(h)
		check(t, d, err, names.PickupCount, results.ID{Start: start, End: h.End, Cell: cell.String()}, h.Count, h)
		source, err := results.ReadSource(d.Source)
		if err != nil || source.PickupCount != h.Count || source.Cell != cell.String() || source.WindowStart.UnixMilli() != start || source.Timestamp.UnixMilli() != h.End-1 {
			t.Fatalf("read back as %+v, %v", source, err)
		}
		ring, err := h.Ring()
		read, readErr := source.Ring()
		if err != nil || readErr != nil || !slices.Equal(ring, read) || len(ring) < 5 {
			t.Fatalf("the ring is %v, %v, in the document %v, %v", ring, err, read, readErr)
		}
		a := document.AirportTrips{
			AirportKey: document.AirportKey{Cell: cell, Airport: geo.JFK}, Start: start, End: start + 3_600_000,
			Durations: document.Durations{Count: h.Count, SumMs: rapid.Int64Range(0, 1e12).Draw(t, "sum")},
		}
		d, err = w.AirportTrips(a)
		check(t, d, err, names.TripDuration, results.ID{Start: start, End: a.End, Cell: cell.String(), Airport: "JFK"}, a.Count, a)
		source, err = results.ReadSource(d.Source)
		if err != nil || source.TripCount != a.Count || source.Airport != "JFK" || source.SumDuration == nil || math.Abs(*source.SumDuration-a.Minutes()) > 0 {
			t.Fatalf("read back as %+v, %v", source, err)
		}
	})
}

// check holds a document against what it was made of.
func check(t *rapid.T, d opensearch.Document, err error, alias string, id results.ID, version int64, value any) {
	if err != nil {
		t.Fatal(err)
	}
	got, ok := results.ParseID(d.ID)
	if !ok || got != id || d.Version != version || d.Index != results.MonthlyIndex("v2-", alias, id.Start) || d.Value != value {
		t.Fatalf("%s %s version %d of %+v", d.Index, d.ID, d.Version, d.Value)
	}
	if fields := fieldsOf(t, d.Source); fmt.Sprint(fields) != fmt.Sprint(namesOf(alias)) {
		t.Fatalf("the fields are %v, want %v", fields, namesOf(alias))
	}
}

func namesOf(alias string) (all []string) {
	for _, f := range results.Fields(alias) {
		all = append(all, f.Name)
	}
	return all
}

// fieldsOf are a document's names in their order.
func fieldsOf(t *rapid.T, source []byte) (all []string) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(source, &whole); err != nil {
		t.Fatal(err)
	}
	for name := range whole {
		all = append(all, name)
	}
	slices.SortFunc(all, func(a, b string) int { return place(source, a) - place(source, b) })
	return all
}

func place(source []byte, name string) int { return strings.Index(string(source), `"`+name+`":`) }
