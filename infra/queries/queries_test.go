package queries

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"taxistream/internal/trip"
)

// The columns are the fields that the producer writes, in its order, with types that hold them.
func TestColumnsAreFields(t *testing.T) {
	kinds := map[string]string{"string": "string", "bigint": "number", "double": "number"}
	var seen []string
	for _, record := range [][]byte{
		trip.AppendTrip(nil, &trip.Trip{ID: 1, HasAmount: true}),
		trip.AppendWatermark(nil, 0),
	} {
		d := json.NewDecoder(strings.NewReader(string(record)))
		d.Token()
		for d.More() {
			name, _ := d.Token()
			value, _ := d.Token()
			kind := "string"
			if _, number := value.(float64); number {
				kind = "number"
			}
			i := slices.IndexFunc(Columns, func(c Column) bool { return c.Name == name })
			if i < 0 || kinds[Columns[i].Type] != kind {
				t.Errorf("the field %s, a %s, has no column of its type", name, kind)
			}
			if !slices.Contains(seen, name.(string)) {
				seen = append(seen, name.(string))
			}
		}
	}
	var columns []string
	for _, c := range Columns {
		columns = append(columns, c.Name)
	}
	if !slices.Equal(columns, seen) {
		t.Errorf("columns %v, fields %v", columns, seen)
	}
}

// A saved query says what it gives, names the days it reads and counts trips only.
func TestSavedQueries(t *testing.T) {
	for _, q := range All() {
		t.Run(q.Name, func(t *testing.T) {
			if len(q.Description) < 20 || strings.HasPrefix(q.Description, "--") {
				t.Errorf("description %q", q.Description)
			}
			for _, want := range []string{"FROM " + Table, "type = 'trip'", Partition + " BETWEEN '"} {
				if !strings.Contains(q.SQL, want) {
					t.Errorf("no %q in it", want)
				}
			}
			if len(q.SQL) > 262_144 {
				t.Errorf("%d bytes: Athena saves 262,144", len(q.SQL))
			}
		})
	}
}
