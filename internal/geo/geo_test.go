package geo_test

import (
	"fmt"
	"math"
	"testing"

	"taxistream/internal/geo"
)

func ExampleCellAt() {
	c, err := geo.CellAt(40.758, -73.9855, 9) // Times Square
	if err != nil {
		panic(err)
	}
	fmt.Println(c, c.Resolution())
	// Output: 892a100d67bffff 9
}

// Ensure boxes include their bounds and nothing beyond, and NaN is nowhere.
func TestBoxes(t *testing.T) {
	for _, c := range []struct {
		lat, lon float64
		city     bool
		airport  geo.Airport
	}{
		{40.560, -74.054, true, geo.None},
		{40.878, -73.722, true, geo.None},
		{40.5599999, -74, false, geo.None},
		{40.7, -73.7219999, false, geo.None},
		{40.632, -73.800, true, geo.JFK},
		{40.654, -73.761, true, geo.JFK},
		{40.6319999, -73.8, true, geo.None},
		{40.766, -73.881, true, geo.LGA},
		{40.778, -73.859, true, geo.LGA},
		{40.7780001, -73.86, true, geo.None},
		{math.NaN(), -73.86, false, geo.None},
		{0, 0, false, geo.None},
	} {
		if got := geo.InCity(c.lat, c.lon); got != c.city {
			t.Errorf("%v,%v: in the city %v, want %v", c.lat, c.lon, got, c.city)
		}
		if got := geo.AirportAt(c.lat, c.lon); got != c.airport {
			t.Errorf("%v,%v: airport %q, want %q", c.lat, c.lon, got, c.airport)
		}
	}
}

// Ensure a cell's ring is closed, runs counter-clockwise around its centre, and
// that the centre lies in the cell.
func TestCells(t *testing.T) {
	for lat := 40.56; lat <= 40.878; lat += 0.0311 {
		for lon := -74.054; lon <= -73.722; lon += 0.0291 {
			for _, resolution := range []int{8, 9} {
				c, err := geo.CellAt(lat, lon, resolution)
				if err != nil {
					t.Fatal(err)
				}
				clat, clon, err := c.Center()
				if err != nil {
					t.Fatal(err)
				}
				if back, err := geo.CellAt(clat, clon, resolution); err != nil || back != c {
					t.Fatalf("the centre of %v lies in %v, %v", c, back, err)
				}
				if parsed, err := geo.ParseCell(c.String()); err != nil || parsed != c || c.Resolution() != resolution {
					t.Fatalf("%v: parsed %v, %v, resolution %d", c, parsed, err, c.Resolution())
				}
				ring, err := c.Boundary()
				if err != nil || len(ring) != 7 || ring[0] != ring[6] {
					t.Fatalf("%v: ring %v, %v", c, ring, err)
				}
				for i := range ring[:6] {
					a, b := ring[i], ring[i+1]
					if (a[0]-clon)*(b[1]-clat)-(b[0]-clon)*(a[1]-clat) <= 0 {
						t.Fatalf("%v: corner %d does not run counter-clockwise", c, i)
					}
				}
			}
		}
	}
}

func TestCellAtRefuses(t *testing.T) {
	for _, c := range []struct {
		lat, lon   float64
		resolution int
	}{
		{40.7, -73.9, 16},
		{40.7, -73.9, -1},
		{math.NaN(), 0, 9},
		{0, math.NaN(), 9},
		{math.Inf(1), 0, 9},
		{90.1, 0, 9},
		{0, -180.1, 9},
	} {
		if cell, err := geo.CellAt(c.lat, c.lon, c.resolution); err == nil {
			t.Errorf("%v: got %v, want an error", c, cell)
		}
	}
}

// FuzzParseCell ensures that what is read as a cell is written again the same, and has a place.
func FuzzParseCell(f *testing.F) {
	for _, seed := range []string{"892a100d67bffff", "882a100d67fffff", "0892a100d67bffff", "892A100D67BFFFF", "", "zz", "0", "ffffffffffffffff", "-1", "8009fffffffffff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := geo.ParseCell(text)
		if err != nil {
			return
		}
		if c.String() != text {
			t.Fatalf("%q is written %q", text, c)
		}
		if _, _, err := c.Center(); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if ring, err := c.Boundary(); err != nil || len(ring) < 6 || ring[0] != ring[len(ring)-1] {
			t.Fatalf("%q: ring %v, %v", text, ring, err)
		}
	})
}

func TestParseCellRefuses(t *testing.T) {
	for _, s := range []string{"", "zz", "0", "ffffffffffffffff", "-1", "0892a100d67bffff", "892A100D67BFFFF"} {
		if c, err := geo.ParseCell(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, c)
		}
	}
}

func BenchmarkCellAt(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := geo.CellAt(40.758, -73.9855, 9); err != nil {
			b.Fatal(err)
		}
	}
}
