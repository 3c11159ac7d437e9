package app

import (
	"slices"
	"testing"

	"taxistream/internal/geo"
)

// Ensure a terminal's cell is inside its own airport, and the city's inside none.
func TestInsideAirport(t *testing.T) {
	terminal, err := geo.CellAt(40.6455, -73.7844, 8)
	if err != nil {
		t.Fatal(err)
	}
	midtown, err := geo.CellAt(40.7549, -73.984, 8)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cell, airport string
		want          bool
	}{
		{terminal.String(), "JFK", true},
		{terminal.String(), "LGA", false},
		{midtown.String(), "JFK", false},
		{midtown.String(), "", false},
		{"no cell", "JFK", false},
	} {
		if got := insideAirport(c.cell, c.airport); got != c.want {
			t.Errorf("insideAirport(%q, %q) = %v, want %v", c.cell, c.airport, got, c.want)
		}
	}
}

// Ensure the ride documents' cells of a chosen cell follow from their resolution: its
// parent and six around it, itself, or the seven that it is made of and those around.
func TestAround(t *testing.T) {
	c, err := geo.CellAt(40.7549, -73.984, 9)
	if err != nil {
		t.Fatal(err)
	}
	for resolution, want := range map[int][2]int{8: {1, 6}, 9: {1, 6}, 7: {1, 6}, 10: {7, 42}} {
		own, near, err := around(resolution)(c.String())
		if err != nil || len(own) != want[0] || len(near) != want[1] {
			t.Errorf("resolution %d: %d and %d cells, %v; want %v", resolution, len(own), len(near), err, want)
			continue
		}
		at, err := geo.CellAt(40.7549, -73.984, resolution)
		if err != nil {
			t.Fatal(err)
		}
		if resolution <= 9 && own[0] != at.String() || resolution > 9 && !slices.Contains(own, at.String()) {
			t.Errorf("resolution %d: %v without %s", resolution, own, at)
		}
		if slices.ContainsFunc(near, func(n string) bool { return slices.Contains(own, n) }) {
			t.Errorf("resolution %d: %v are around %v", resolution, near, own)
		}
	}
}
