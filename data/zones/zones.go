// Package zones knows the taxi zones of New York: which zone a point lies in,
// its name and its borough, and the outlines themselves.
//
// The outlines are the Taxi and Limousine Commission's, simplified to about
// 20 m (outlines.txt names the source), so a point within some 20 m of a border
// may be given to the neighbour or to none. A zone ends at the shore: water
// belongs to no zone, except ponds inside a zone. The commission's table numbers
// 263 zones; 260 have a shape: 57 is part of 56 (Corona), 104 and 105 of 103
// (Governor's, Ellis and Liberty Island).
//
// Coordinates are whole microdegrees (1e-6 degrees), so every answer is integer
// arithmetic and the same on every machine. A lookup takes about a microsecond
// and allocates nothing. What the package returns is shared and read-only.
package zones

import (
	_ "embed"
	"math"
	"sync"
)

//go:embed outlines.txt
var outlines string

// Point is a place in microdegrees.
type Point struct{ Lon, Lat int32 }

// Shape is one taxi zone.
type Shape struct {
	ID            int // the commission's LocationID
	Name, Borough string
	// Rings are closed: the last point joins the first, which is not repeated.
	// A point is inside where it is inside an odd number of them.
	Rings    [][]Point
	Min, Max Point // bounding box, bounds included
}

var all = sync.OnceValue(func() []Shape {
	shapes, err := parse(outlines)
	if err != nil {
		panic("zones: the outlines built into the program: " + err.Error())
	}
	return shapes
})

// All returns every zone that has a shape, by rising ID.
func All() []Shape { return all() }

// Zone returns the name and borough of the zone that holds a point, in degrees.
// It reports false for a point outside the city's land, and for NaN.
func Zone(lat, lon float64) (name, borough string, ok bool) {
	s := Find(lat, lon)
	if s == nil {
		return "", "", false
	}
	return s.Name, s.Borough, true
}

// Find returns the zone that holds a point, in degrees, or nil.
func Find(lat, lon float64) *Shape {
	if !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) {
		return nil
	}
	p := Point{Lon: micro(lon), Lat: micro(lat)}
	shapes := all()
	for i := range shapes {
		if shapes[i].Contains(p) {
			return &shapes[i]
		}
	}
	return nil
}

// Contains reports whether p lies in the zone. Of a point exactly on a border
// shared by two zones exactly one contains it.
func (s *Shape) Contains(p Point) bool {
	if p.Lon < s.Min.Lon || p.Lon > s.Max.Lon || p.Lat < s.Min.Lat || p.Lat > s.Max.Lat {
		return false
	}
	inside := false
	for _, ring := range s.Rings {
		a := ring[len(ring)-1]
		for _, b := range ring {
			if (a.Lat > p.Lat) != (b.Lat > p.Lat) && leftOf(p, a, b) {
				inside = !inside
			}
			a = b
		}
	}
	return inside
}

// leftOf reports whether the edge a-b, which crosses p's latitude, passes p on
// its eastern side. It gives the same answer for a-b and b-a, so that zones that
// share an edge agree about it.
func leftOf(p, a, b Point) bool {
	if a.Lat > b.Lat {
		a, b = b, a
	}
	return int64(b.Lon-a.Lon)*int64(p.Lat-a.Lat) > int64(p.Lon-a.Lon)*int64(b.Lat-a.Lat)
}

func micro(degrees float64) int32 { return int32(math.Round(degrees * 1e6)) }
