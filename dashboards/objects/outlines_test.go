package objects_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
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

// Ensure the map's land, borders, airports and names are those of data/zones, and
// what lies around them that of the control room.
func TestOutlines_MatchTheirSource(t *testing.T) {
	r := rasterize()
	var land, borders []string
	for _, ring := range r.rings() {
		land = append(land, polygon(ring))
	}
	for _, line := range r.borders() {
		borders = append(borders, "["+pairs(line)+"]")
	}
	around, names := surroundings(t)
	parts := []string{
		`"land":` + feature("MultiPolygon", land), `"borders":` + feature("MultiLineString", borders),
		`"around":` + feature("MultiPolygon", around), `"park":` + feature("MultiPolygon", []string{polygon(zone(t, "Central Park"))}),
		`"airports":` + feature("MultiPolygon", []string{polygon(zone(t, "JFK Airport")), polygon(zone(t, "LaGuardia Airport"))}),
		`"names":[` + strings.Join(append(names, placeNames(t)...), ",\n") + "]",
	}
	generated(t, "outlines.json", []byte("{"+strings.Join(parts, ",\n")+"}\n"))
}

func feature(kind string, parts []string) string {
	return fmt.Sprintf(`{"type":"Feature","geometry":{"type":%q,"coordinates":[%s]}}`, kind, strings.Join(parts, ",\n"))
}

// polygon is one ring, clockwise and closed.
func polygon(ring []zones.Point) string {
	ring = slices.Clone(ring)
	if area(ring) > 0 {
		slices.Reverse(ring)
	}
	return "[[" + pairs(append(ring, ring[0])) + "]]"
}

func pairs(points []zones.Point) string {
	var all []string
	for _, p := range points {
		all = append(all, fmt.Sprintf("[%.4f,%.4f]", float64(p.Lon)/1e6, float64(p.Lat)/1e6))
	}
	return strings.Join(all, ",")
}
