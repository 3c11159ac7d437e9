package objects_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"taxistream/data/zones"
)

var update = flag.Bool("update", false, "write the generated files instead of comparing them")

// generated compares a file with what it is made of, or writes it.
func generated(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what its source gives: run make generate", name)
	}
}

// Ensure the land and the borders of the boroughs are those of data/zones.
func TestOutlines_MatchTheirSource(t *testing.T) {
	r := rasterize()
	var land, borders []string
	for _, ring := range r.rings() {
		land = append(land, "[["+pairs(append(ring, ring[0]))+"]]")
	}
	for _, line := range r.borders() {
		borders = append(borders, "["+pairs(line)+"]")
	}
	feature := func(kind string, parts []string) string {
		return fmt.Sprintf(`{"type":"Feature","geometry":{"type":%q,"coordinates":[%s]}}`, kind, strings.Join(parts, ",\n"))
	}
	generated(t, "outlines.json", fmt.Appendf(nil, "{\"land\":%s,\n\"borders\":%s}\n", feature("MultiPolygon", land), feature("MultiLineString", borders)))
}

func pairs(points []zones.Point) string {
	var all []string
	for _, p := range points {
		all = append(all, fmt.Sprintf("[%.4f,%.4f]", float64(p.Lon)/1e6, float64(p.Lat)/1e6))
	}
	return strings.Join(all, ",")
}
