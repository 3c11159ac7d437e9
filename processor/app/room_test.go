package app

import (
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
