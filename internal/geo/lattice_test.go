package geo_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/uber/h3-go/v4"

	"taxistream/internal/geo"
)

// Ensure CellAt is H3's own cell: at random points of the city and around it, and
// at points set by a jitter of 1e-14 to 1e-4 degrees on edges and corners of
// cells, where random ones never fall.
func TestCellAtIsH3s(t *testing.T) {
	points := 10_000
	if testing.Short() {
		points = 5_000
	}
	for pass := range 26 { // of each two passes over the same points the second finds the cells known
		resolution := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15}[pass/2]
		rng := rand.New(rand.NewPCG(1, uint64(resolution)))
		check := func(lat, lon float64) {
			got, err := geo.CellAt(lat, lon, resolution)
			want, err2 := h3.LatLngToCell(h3.LatLng{Lat: lat, Lng: lon}, resolution)
			if err != nil || err2 != nil || uint64(got) != uint64(want) {
				t.Fatalf("%v,%v at %d: %v, H3 says %v (%v, %v)", lat, lon, resolution, got, want, err, err2)
			}
		}
		for range points / 2 {
			lat, lon := 40.55+0.34*rng.Float64(), -74.064+0.352*rng.Float64()
			check(lat, lon)
			corners, err := h3.LatLngToCell(h3.LatLng{Lat: lat, Lng: lon}, resolution)
			if err != nil {
				t.Fatal(err)
			}
			lat, lon = onBorder(t, rng, corners)
			size := math.Pow(10, -4-10*rng.Float64())
			check(lat+size*(rng.Float64()-0.5), lon+size*(rng.Float64()-0.5))
			check(lat, lon)
		}
	}
}

// onBorder is a corner of the cell, or a point of the great circle between two.
func onBorder(t *testing.T, rng *rand.Rand, c h3.Cell) (lat, lon float64) {
	ring, err := c.Boundary()
	if err != nil {
		t.Fatal(err)
	}
	n := rng.IntN(len(ring))
	a, b, w := unit(ring[n]), unit(ring[(n+1)%len(ring)]), rng.Float64()
	if rng.IntN(4) == 0 {
		w = 0
	}
	var p [3]float64
	for i := range p {
		p[i] = a[i]*(1-w) + b[i]*w
	}
	return math.Atan2(p[2], math.Hypot(p[0], p[1])) * 180 / math.Pi, math.Atan2(p[1], p[0]) * 180 / math.Pi
}

func unit(p h3.LatLng) [3]float64 {
	sinLat, cosLat := math.Sincos(p.Lat * math.Pi / 180)
	sinLon, cosLon := math.Sincos(p.Lng * math.Pi / 180)
	return [3]float64{cosLat * cosLon, cosLat * sinLon, sinLat}
}

// Ensure the corners of the city's box, and points just beyond, are H3's too.
func TestCellAtTheBoxsBounds(t *testing.T) {
	for _, lat := range []float64{math.Nextafter(40.560, 0), 40.560, 40.878, math.Nextafter(40.878, 90)} {
		for _, lon := range []float64{math.Nextafter(-74.054, -90), -74.054, -73.722, math.Nextafter(-73.722, 0)} {
			for resolution := range 16 {
				got, err := geo.CellAt(lat, lon, resolution)
				want, _ := h3.LatLngToCell(h3.LatLng{Lat: lat, Lng: lon}, resolution)
				if err != nil || uint64(got) != uint64(want) {
					t.Errorf("%v,%v at %d: %v, H3 says %v (%v)", lat, lon, resolution, got, want, err)
				}
			}
		}
	}
}
