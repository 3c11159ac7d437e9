package geo

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/uber/h3-go/v4"
)

// Cell is an H3 cell index.
type Cell uint64

// CellAt is the cell of a resolution (0 to 15) that holds a point. A latitude
// beyond 90 degrees, a longitude beyond 180 and NaN are errors: H3 would give
// them some cell. In the city it costs some 30 ns up to resolution 10 in a cell
// that was asked for before; elsewhere half a microsecond.
func CellAt(lat, lon float64, resolution int) (Cell, error) {
	var known *atomic.Uint64
	if InCity(lat, lon) && uint(resolution) <= maxLattice {
		if known = lattices[resolution]().at(lat, lon); known != nil {
			if c := known.Load(); c != 0 {
				return Cell(c), nil
			}
		}
	}
	if !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) {
		return 0, fmt.Errorf("cell of %v,%v at resolution %d: not a point on Earth", lat, lon, resolution)
	}
	c, err := h3.LatLngToCell(h3.LatLng{Lat: lat, Lng: lon}, resolution)
	if err != nil {
		return 0, fmt.Errorf("cell of %v,%v at resolution %d: %w", lat, lon, resolution, err)
	}
	if known != nil {
		known.Store(uint64(c))
	}
	return Cell(c), nil
}

// ParseCell reads a cell exactly as String writes it.
func ParseCell(s string) (Cell, error) {
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil || !h3.Cell(n).IsValid() || Cell(n).String() != s {
		return 0, fmt.Errorf("cell %q: not an H3 index", s)
	}
	return Cell(n), nil
}

// String is the index in hexadecimal, as H3 tools write it.
func (c Cell) String() string { return strconv.FormatUint(uint64(c), 16) }

// Resolution is the cell's, 0 to 15.
func (c Cell) Resolution() int { return h3.Cell(c).Resolution() }

// Center is the centre of the cell in degrees.
func (c Cell) Center() (lat, lon float64, err error) {
	p, err := h3.Cell(c).LatLng()
	if err != nil {
		return 0, 0, fmt.Errorf("centre of cell %s: %w", c, err)
	}
	return p.Lat, p.Lng, nil
}

// Boundary is the cell's outline as a closed counter-clockwise ring of
// [lon, lat], as GeoJSON wants it (RFC 7946, section 3.1.6). The caller owns it,
// and had better keep it: it costs about 2 µs.
func (c Cell) Boundary() ([][2]float64, error) {
	corners, err := h3.Cell(c).Boundary()
	if err != nil {
		return nil, fmt.Errorf("boundary of cell %s: %w", c, err)
	}
	ring := make([][2]float64, 0, len(corners)+1)
	for _, p := range corners {
		ring = append(ring, [2]float64{p.Lng, p.Lat})
	}
	return append(ring, ring[0]), nil
}

// At are the cells of a resolution that a cell is or lies in, or that it is made
// of: one unless the resolution is finer, then seven for each step.
func (c Cell) At(resolution int) ([]Cell, error) {
	if resolution <= c.Resolution() {
		up, err := h3.Cell(c).Parent(resolution)
		if err != nil {
			return nil, fmt.Errorf("cell %s at resolution %d: %w", c, resolution, err)
		}
		return []Cell{Cell(up)}, nil
	}
	if most := c.Resolution() + maxFiner; resolution > most {
		return nil, fmt.Errorf("cell %s at resolution %d: too many cells; at most resolution %d", c, resolution, most)
	}
	down, err := h3.Cell(c).Children(resolution)
	if err != nil {
		return nil, fmt.Errorf("cell %s at resolution %d: %w", c, resolution, err)
	}
	return cellsOf(down), nil
}

// maxFiner bounds what At makes of a cell: 343 cells.
const maxFiner = 3

// Neighbours are the cells around a cell: six, but five around a pentagon.
func (c Cell) Neighbours() ([]Cell, error) {
	disk, err := h3.Cell(c).GridDisk(1)
	if err != nil {
		return nil, fmt.Errorf("neighbours of cell %s: %w", c, err)
	}
	around := cellsOf(disk)
	return slices.DeleteFunc(around, func(n Cell) bool { return n == c }), nil
}

func cellsOf(list []h3.Cell) []Cell {
	out := make([]Cell, len(list))
	for i, c := range list {
		out[i] = Cell(c)
	}
	return out
}
