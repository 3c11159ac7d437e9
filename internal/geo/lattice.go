package geo

import (
	"math"
	"sync"
	"sync/atomic"
)

// The city lies on one face of H3's icosahedron, far from its edges and from
// pentagons. There the cells of a resolution are an exact lattice of hexagons in
// the gnomonic projection, whose two coordinates are ratios of linear forms in
// the point's unit vector. So a point's place in the lattice takes no library of
// angles, and a table of what H3 itself said of it turns the place into the
// index: no rule of the index is repeated here.
//
// A point near a border, where rounding could decide, and every point outside
// the box are left to H3. In doubles both ways err by less than 1e-10 (in units
// of a cell's apothem); border keeps four orders of magnitude from that.
const border = 1e-6

// The constants of H3's face 2 (Apache-2.0; faceijk.c): its centre, the azimuth
// of its axes, and the turn of the grid at odd resolutions.
var faceCentre = vector{0.1092625278784797, -0.4811951572873210, 0.8697775121287253}

const (
	faceAzimuth = 0.780213654393430055
	oddTurn     = 0.33347317225183212
	faceScale   = 2.61803398874989588842 // lattice units for one of the face's plane, at resolution 0
)

// maxLattice is the finest resolution with a table: 1.2 MB at 10, seven times
// as much with each further one.
const maxLattice = 10

// lattices are made when they are first asked for.
var lattices [maxLattice + 1]func() *lattice

func init() {
	for r := range lattices {
		lattices[r] = sync.OnceValue(func() *lattice { return newLattice(r) })
	}
}

// The box of the table in degrees, a little over the city's, and its centre.
const (
	midLat, midLon = 40.719, -73.888
	tableMargin    = 0.02
)

type vector [3]float64

func (a vector) dot(b vector) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func (a vector) times(f float64) vector { return vector{a[0] * f, a[1] * f, a[2] * f} }

func (a vector) plus(b vector) vector { return vector{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }

func (a vector) cross(b vector) vector {
	return vector{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

// lattice knows the cells of one resolution in the city.
type lattice struct {
	x, z, c        vector // linear forms, turned so that midLon is longitude 0
	shiftX, shiftZ float64
	sinMid, cosMid float64
	width, base    int
	table          []atomic.Uint64 // cells; 0 where H3 was not asked yet
}

func newLattice(resolution int) *lattice {
	l := &lattice{}
	l.sinMid, l.cosMid = math.Sincos(midLat * math.Pi / 180)
	c := faceCentre
	up := vector{0, 0, 1}.plus(c.times(-c[2]))
	up = up.times(1 / math.Sqrt(up.dot(up)))
	right := up.cross(c)
	azimuth := faceAzimuth
	if resolution%2 == 1 {
		azimuth -= oddTurn
	}
	sin, cos := math.Sincos(azimuth)
	scale := faceScale * math.Pow(math.Sqrt(7), float64(resolution))
	x := up.times(cos).plus(right.times(sin)).times(scale)
	y := up.times(sin).plus(right.times(-cos)).times(scale)
	l.x, l.z, l.c = turn(x.times(2)), turn(y.times(math.Sqrt(3)).plus(x.times(-1))), turn(c)
	l.bound()
	return l
}

// turn moves midLon to longitude 0.
func turn(v vector) vector {
	sin, cos := math.Sincos(midLon * math.Pi / 180)
	return vector{v[0]*cos + v[1]*sin, v[1]*cos - v[0]*sin, v[2]}
}

// bound makes the table for the box.
func (l *lattice) bound() {
	lowI, lowJ, highI, highJ := math.MaxInt, math.MaxInt, math.MinInt, math.MinInt
	for _, lat := range []float64{south - tableMargin, north + tableMargin} {
		for _, lon := range []float64{west - tableMargin, east + tableMargin} {
			x, z := l.project(lat, lon)
			i, j := place(math.Floor(x), math.Floor(x+z), math.Floor(z))
			lowI, lowJ, highI, highJ = min(lowI, i-1), min(lowJ, j-1), max(highI, i+1), max(highJ, j+1)
		}
	}
	l.width = highJ - lowJ + 1
	l.table = make([]atomic.Uint64, (highI-lowI+1)*l.width)
	// Both coordinates are made positive, where cutting off is rounding down. A
	// shift of i and j by s shifts x and z by s too.
	s := l.width + highI - lowI + 1
	l.shiftX, l.shiftZ = float64(s-(2*lowI-lowJ)), float64(s-(2*lowJ-lowI))
	l.base = s * (l.width + 1)
}

// project gives a point's lattice coordinates; x of cell (i, j) is 2i-j at its
// centre, z is 2j-i. The series end where what is left out is below 1e-18 in
// the city's box.
func (l *lattice) project(lat, lon float64) (x, z float64) {
	a, b := (lat-midLat)*(math.Pi/180), (lon-midLon)*(math.Pi/180)
	aa, bb := a*a, b*b
	sinA, cosA := a*(1-aa*(1.0/6)*(1-aa*(1.0/20))), 1-aa*(1.0/2)*(1-aa*(1.0/12))
	sinB, cosB := b*(1-bb*(1.0/6)*(1-bb*(1.0/20))), 1-bb*(1.0/2)*(1-bb*(1.0/12))
	sinLat, cosLat := sinA*l.cosMid+cosA*l.sinMid, cosA*l.cosMid-sinA*l.sinMid
	p := vector{cosLat * cosB, cosLat * sinB, sinLat}
	over := 1 / l.c.dot(p)
	return l.x.dot(p) * over, l.z.dot(p) * over
}

// place rounds to the hexagon: the arguments are x, x+z and z rounded down.
func place(x, sum, z float64) (i, j int) {
	return int(math.Floor((x + sum + 2) / 3)), int(math.Floor((sum + z + 2) / 3))
}

// at is where the cell of a point in the city's box is kept, or nil where H3
// must be asked for each point.
func (l *lattice) at(lat, lon float64) *atomic.Uint64 {
	x, z := l.project(lat, lon)
	x, z = x+l.shiftX, z+l.shiftZ
	m := int(x + z)
	i, j := uint(int(x)+m+2)/3, uint(m+int(z)+2)/3
	restX, restZ := x-float64(2*int(i)-int(j)), z-float64(2*int(j)-int(i))
	const inside = 1 - border
	if math.Abs(restX) < inside && math.Abs(restZ) < inside && math.Abs(restX+restZ) < inside {
		return &l.table[int(i)*l.width+int(j)-l.base]
	}
	return nil
}
