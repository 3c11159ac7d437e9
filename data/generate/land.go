package generate

import "taxistream/data/zones"

// Trips begin and end in squares of 0.001 degrees (111 m by 84 m). Where a zone's
// border or the shore runs through a square, only those of its 64 sub-squares
// count that no edge touches: so every point drawn lies inside the zone, without
// a test of the point itself.
const (
	squareSize = 1000 // microdegrees
	subSize    = squareSize / 8
)

// cell names a square by its row (latitude) and column (longitude).
type cell struct{ row, column int32 }

// land says which sub-squares of a rectangle of squares lie inside a zone.
type land struct {
	first         cell // the south-western square
	rows, columns int32
	masks         []uint64 // row by row; bit 8*y+x: sub-row y, sub-column x
}

func newLand(s *zones.Shape) *land {
	l := &land{first: cell{floorDiv(s.Min.Lat, squareSize), floorDiv(s.Min.Lon, squareSize)}}
	l.rows = floorDiv(s.Max.Lat, squareSize) - l.first.row + 1
	l.columns = floorDiv(s.Max.Lon, squareSize) - l.first.column + 1
	l.masks = make([]uint64, l.rows*l.columns)
	l.fill(s)
	l.cutBorder(s)
	return l
}

// index returns where in masks a square is, false if it is outside the rectangle.
func (l *land) index(c cell) (int32, bool) {
	y, x := c.row-l.first.row, c.column-l.first.column
	return y*l.columns + x, y >= 0 && y < l.rows && x >= 0 && x < l.columns
}

// bit returns where sub-square (row, column), counted from the equator and the
// meridian, is kept.
func (l *land) bit(row, column int32) (mask *uint64, bit uint64) {
	y, x := row-8*l.first.row, column-8*l.first.column
	return &l.masks[y/8*l.columns+x/8], 1 << (y%8*8 + x%8)
}

// fill sets the sub-squares whose centres are inside. Every crossing of the
// outline with the line through a sub-row's centres is marked at the next centre
// to the east; a centre is inside if an odd number of marks are at or west of it.
func (l *land) fill(s *zones.Shape) {
	end := 8 * (l.first.column + l.columns)
	edges(s, func(a, b zones.Point) {
		if a.Lat > b.Lat {
			a, b = b, a
		}
		for row := centreFrom(a.Lat); row < centreFrom(b.Lat); row++ {
			if column := centreFrom(lonAt(a, b, row*subSize+subSize/2)); column < end {
				mask, bit := l.bit(row, column)
				*mask ^= bit
			}
		}
	})
	for y := range l.rows {
		inside := uint64(0) // a lane of eight bits for each sub-row, all set once inside
		for x := range l.columns {
			m := &l.masks[y*l.columns+x]
			*m ^= *m << 1 & 0xfefefefefefefefe
			*m ^= *m << 2 & 0xfcfcfcfcfcfcfcfc
			*m ^= *m << 4 & 0xf0f0f0f0f0f0f0f0
			*m ^= inside
			inside = (*m >> 7 & 0x0101010101010101) * 0xff
		}
	}
}

// centreFrom returns the first sub-row or sub-column whose centre is at or beyond
// a coordinate.
func centreFrom(at int32) int32 { return floorDiv(at-subSize/2+subSize-1, subSize) }

// cutBorder clears every sub-square that an edge touches.
func (l *land) cutBorder(s *zones.Shape) {
	edges(s, func(a, b zones.Point) {
		if a.Lat > b.Lat {
			a, b = b, a
		}
		for row := floorDiv(a.Lat, subSize); row <= floorDiv(b.Lat, subSize); row++ {
			x, y := a.Lon, b.Lon
			if a.Lat != b.Lat {
				x = lonAt(a, b, max(a.Lat, row*subSize))
				y = lonAt(a, b, min(b.Lat, (row+1)*subSize))
			}
			// A microdegree more on both sides makes good for rounding.
			from, to := floorDiv(min(x, y)-1, subSize), floorDiv(max(x, y)+1, subSize)
			from = max(from, 8*l.first.column)
			to = min(to, 8*(l.first.column+l.columns)-1)
			for column := from; column <= to; column++ {
				mask, bit := l.bit(row, column)
				*mask &^= bit
			}
		}
	})
}

func edges(s *zones.Shape, visit func(a, b zones.Point)) {
	for _, ring := range s.Rings {
		a := ring[len(ring)-1]
		for _, b := range ring {
			visit(a, b)
			a = b
		}
	}
}

// lonAt returns where the line through a and b crosses a latitude.
func lonAt(a, b zones.Point, lat int32) int32 {
	step := int64(b.Lon-a.Lon) * int64(lat-a.Lat) / int64(b.Lat-a.Lat)
	return a.Lon + int32(step)
}

func floorDiv(a, b int32) int32 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
