package objects_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
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

// tolerance of the simplified outlines in microdegrees, some 150 m: a panel is a
// few hundred pixels wide.
const tolerance = 1500

// Ensure the boroughs of the map are the zones of data/zones, simplified, each
// ring clockwise as d3 wants it.
func TestOutlines_MatchTheirSource(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("[")
	for _, z := range zones.All() {
		if z.Borough == "EWR" || z.Borough == "Staten Island" {
			continue
		}
		rings := ""
		for _, ring := range z.Rings {
			simple := simplify(ring)
			if len(simple) < 4 || size(simple) < 1_000_000 { // an islet
				continue
			}
			if area(simple) > 0 {
				slices.Reverse(simple)
			}
			if rings != "" {
				rings += ","
			}
			rings += "[["
			for _, p := range append(simple, simple[0]) {
				rings += fmt.Sprintf("[%.4f,%.4f],", float64(p.Lon)/1e6, float64(p.Lat)/1e6)
			}
			rings = rings[:len(rings)-1] + "]]"
		}
		if rings == "" {
			continue
		}
		if b.Len() > 1 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `{"type":"Feature","properties":{"borough":%q},"geometry":{"type":"MultiPolygon","coordinates":[%s]}}`, z.Borough, rings)
	}
	b.WriteString("]\n")
	generated(t, "outlines.json", b.Bytes())
}

// area is twice the ring's, positive where it runs counter-clockwise.
func area(ring []zones.Point) (sum float64) {
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += float64(p.Lon)*float64(q.Lat) - float64(q.Lon)*float64(p.Lat)
	}
	return sum
}

func size(ring []zones.Point) float64 { return math.Abs(area(ring)) }

// simplify is Douglas and Peucker's, over the two halves of the ring.
func simplify(ring []zones.Point) []zones.Point {
	far := 0
	for i := range ring {
		if distance(ring[i], ring[0], ring[0]) > distance(ring[far], ring[0], ring[0]) {
			far = i
		}
	}
	first := line(ring[:far+1])
	second := line(append(slices.Clone(ring[far:]), ring[0]))
	return append(slices.Clone(first[:len(first)-1]), second[:len(second)-1]...)
}

func line(points []zones.Point) []zones.Point {
	if len(points) < 3 {
		return points
	}
	far, most := 0, 0.0
	for i := 1; i < len(points)-1; i++ {
		if d := distance(points[i], points[0], points[len(points)-1]); d > most {
			far, most = i, d
		}
	}
	if most < tolerance {
		return []zones.Point{points[0], points[len(points)-1]}
	}
	left, right := line(points[:far+1]), line(points[far:])
	return append(slices.Clone(left[:len(left)-1]), right...)
}

func distance(p, a, b zones.Point) float64 {
	x, y := float64(b.Lon-a.Lon), float64(b.Lat-a.Lat)
	px, py := float64(p.Lon-a.Lon), float64(p.Lat-a.Lat)
	if x == 0 && y == 0 {
		return math.Hypot(px, py)
	}
	return math.Abs(x*py-y*px) / math.Hypot(x, y)
}
