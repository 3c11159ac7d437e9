package objects_test

import (
	"math"
	"slices"

	"taxistream/data/zones"
)

// The zones' outlines are simplified one by one, so neighbours leave slits
// between them and overlap. A raster of some 65 m joins them: land is what the
// zones cover, slits closed, and an outline goes round it.
const (
	west, south           = -74_060_000, 40_530_000 // microdegrees
	east, north           = -73_690_000, 40_925_000
	stepLon, stepLat      = 760, 580
	columns, rows         = (east - west) / stepLon, (north - south) / stepLat
	slit                  = 3         // cells of water between land on both sides that are land
	islet                 = 1_500_000 // microdegrees², doubled: smaller islands are left out
	tolerance             = 700       // microdegrees by which a simplified line may miss
	shortest              = 10        // cells of a border line
	noLand           byte = 0
)

// boroughs are those of the map. Staten Island, where next to no trip begins,
// would take half the panel.
var boroughs = []string{"", "Bronx", "Brooklyn", "Manhattan", "Queens"}

// raster holds the borough of each cell.
type raster [columns][rows]byte

func (r *raster) at(x, y int) byte {
	if x < 0 || y < 0 || x >= columns || y >= rows {
		return noLand
	}
	return r[x][y]
}

// rasterize gives each cell the borough of the zone at its middle, then closes slits.
func rasterize() *raster {
	var open raster
	for _, zone := range zones.All() {
		borough := slices.Index(boroughs, zone.Borough)
		if borough < 1 {
			continue
		}
		for x := max(int(zone.Min.Lon-west)/stepLon, 0); x < min(int(zone.Max.Lon-west)/stepLon+1, columns); x++ {
			for y := max(int(zone.Min.Lat-south)/stepLat, 0); y < min(int(zone.Max.Lat-south)/stepLat+1, rows); y++ {
				middle := zones.Point{Lon: int32(west + x*stepLon + stepLon/2), Lat: int32(south + y*stepLat + stepLat/2)}
				if open[x][y] == noLand && zone.Contains(middle) {
					open[x][y] = byte(borough)
				}
			}
		}
	}
	closed := open
	for x := range columns {
		for y := range rows {
			if open[x][y] == noLand {
				closed[x][y] = max(between(&open, x, y, 1, 0), between(&open, x, y, 0, 1))
			}
		}
	}
	return &closed
}

// between is the borough on both sides of a cell of water, at most a slit apart.
func between(r *raster, x, y, dx, dy int) byte {
	look := func(sign int) (borough byte, steps int) {
		for steps = 1; steps <= slit; steps++ {
			if b := r.at(x+sign*steps*dx, y+sign*steps*dy); b != noLand {
				return b, steps
			}
		}
		return noLand, slit
	}
	a, n := look(1)
	b, k := look(-1)
	if a == b && n+k-1 <= slit {
		return a
	}
	return noLand
}

// corner is a corner of the raster's cells; cell x, y lies between x, y and x+1, y+1.
type corner struct{ x, y int }

func (c corner) point() zones.Point {
	return zones.Point{Lon: int32(west + c.x*stepLon), Lat: int32(south + c.y*stepLat)}
}

// rings go round the land with the land at their right: clockwise, as d3 wants
// it. Ponds, which go the other way, are land.
func (r *raster) rings() [][]zones.Point {
	next := map[corner][]corner{}
	var starts []corner
	side := func(a, b corner) {
		next[a] = append(next[a], b)
		starts = append(starts, a)
	}
	for x := range columns {
		for y := range rows {
			if r[x][y] == noLand {
				continue
			}
			nw, ne, sw, se := corner{x, y + 1}, corner{x + 1, y + 1}, corner{x, y}, corner{x + 1, y}
			if r.at(x, y+1) == noLand {
				side(nw, ne)
			}
			if r.at(x+1, y) == noLand {
				side(ne, se)
			}
			if r.at(x, y-1) == noLand {
				side(se, sw)
			}
			if r.at(x-1, y) == noLand {
				side(sw, nw)
			}
		}
	}
	var rings [][]zones.Point
	for _, start := range starts {
		var ring []zones.Point
		for at, from := start, start; len(next[at]) > 0; {
			to := turn(next, from, at)
			ring = append(ring, at.point())
			from, at = at, to
		}
		if area(ring) <= -islet {
			rings = append(rings, simplify(ring))
		}
	}
	return rings
}

// turn takes the next side from a corner out of next. Where two cells of land
// touch by a corner it turns right, so that they stay apart.
func turn(next map[corner][]corner, from, at corner) corner {
	ways := next[at]
	pick := 0
	if len(ways) == 2 {
		right := corner{at.x + (at.y - from.y), at.y - (at.x - from.x)}
		pick = max(slices.Index(ways, right), 0)
	}
	to := ways[pick]
	next[at] = slices.Delete(slices.Clone(ways), pick, pick+1)
	return to
}

// borders are the lines where one borough meets another on land.
func (r *raster) borders() [][]zones.Point {
	ends := map[corner][]corner{}
	var order []corner
	join := func(a, b corner) {
		ends[a], ends[b] = append(ends[a], b), append(ends[b], a)
		order = append(order, a, b)
	}
	differ := func(a, b byte) bool { return a != b && a != noLand && b != noLand }
	for x := range columns {
		for y := range rows {
			if differ(r[x][y], r.at(x+1, y)) {
				join(corner{x + 1, y}, corner{x + 1, y + 1})
			}
			if differ(r[x][y], r.at(x, y+1)) {
				join(corner{x, y + 1}, corner{x + 1, y + 1})
			}
		}
	}
	var lines [][]zones.Point
	follow := func(start corner) {
		line := []zones.Point{start.point()}
		for at := start; len(ends[at]) > 0; {
			to := ends[at][0]
			ends[at] = ends[at][1:]
			i := slices.Index(ends[to], at)
			ends[to] = slices.Delete(slices.Clone(ends[to]), i, i+1)
			line = append(line, to.point())
			at = to
		}
		if len(line) > shortest {
			lines = append(lines, douglasPeucker(line))
		}
	}
	for _, c := range order { // first from the ends, then what is closed
		if len(ends[c]) == 1 {
			follow(c)
		}
	}
	for _, c := range order {
		follow(c)
	}
	return lines
}

// area is twice the ring's, positive where it runs counter-clockwise.
func area(ring []zones.Point) (sum float64) {
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += float64(p.Lon-west)*float64(q.Lat-south) - float64(q.Lon-west)*float64(p.Lat-south)
	}
	return sum
}

// simplify is Douglas and Peucker's, over the two halves of the ring.
func simplify(ring []zones.Point) []zones.Point {
	far := 0
	for i := range ring {
		if distance(ring[i], ring[0], ring[0]) > distance(ring[far], ring[0], ring[0]) {
			far = i
		}
	}
	first := douglasPeucker(ring[:far+1])
	second := douglasPeucker(append(slices.Clone(ring[far:]), ring[0]))
	return append(slices.Clone(first[:len(first)-1]), second[:len(second)-1]...)
}

func douglasPeucker(points []zones.Point) []zones.Point {
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
	left, right := douglasPeucker(points[:far+1]), douglasPeucker(points[far:])
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
