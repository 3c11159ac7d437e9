package generate

import (
	"math/rand/v2"
	"testing"

	"taxistream/data/zones"
)

// Ensure that every sub-square kept lies wholly inside its zone, and that little
// of a zone is lost.
func TestLand(t *testing.T) {
	shapes := zones.All()
	for i := range shapes {
		s := &shapes[i]
		l := newLand(s)
		kept := 0
		for y := range l.rows {
			for x := range l.columns {
				c := cell{l.first.row + y, l.first.column + x}
				at, found := l.index(c)
				if !found {
					t.Fatalf("zone %d: no index of %v", s.ID, c)
				}
				for sub := range int32(64) {
					if l.masks[at]>>sub&1 == 0 {
						continue
					}
					kept++
					lat, lon := c.row*squareSize+sub/8*subSize, c.column*squareSize+sub%8*subSize
					for _, p := range []zones.Point{{Lon: lon, Lat: lat}, {Lon: lon + subSize - 1, Lat: lat + subSize - 1}} {
						if kept%101 == 0 && !s.Contains(p) {
							t.Fatalf("zone %d does not contain %v", s.ID, p)
						}
					}
				}
			}
		}
		whole := area(s) / (subSize * subSize)
		if lost := 1 - float64(kept)/whole; lost < 0 || lost > 0.35 && whole > 2000 {
			t.Errorf("zone %d: %d sub-squares, the area of %.0f", s.ID, kept, whole)
		}
	}
}

// area is in square microdegrees. Outer rings turn the other way than holes.
func area(s *zones.Shape) float64 {
	twice := 0.0
	edges(s, func(a, b zones.Point) {
		twice += float64(a.Lon-s.Min.Lon)*float64(b.Lat-s.Min.Lat) - float64(b.Lon-s.Min.Lon)*float64(a.Lat-s.Min.Lat)
	})
	return max(twice, -twice) / 2
}

// Ensure that every point drawn from a zone lies in it.
func TestPlacePoints(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	shapes := zones.All()
	for i := range shapes {
		p := newPlace(&shapes[i], nil, false)
		if p == nil {
			t.Errorf("zone %d has no land", shapes[i].ID)
			continue
		}
		for range 100 {
			if at := p.point(p.pickup, random.Uint64(), random.Uint64()); !shapes[i].Contains(at) {
				t.Fatalf("zone %d does not contain %v", shapes[i].ID, at)
			}
		}
	}
}

// Ensure that trips out of the city are out of it.
func TestOutside(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		at := theCity().outside(random.Uint64(), random.Uint64())
		if inCity(cell{floorDiv(at.Lat, squareSize), floorDiv(at.Lon, squareSize)}) {
			t.Fatalf("%v is in the city", at)
		}
	}
}
