package generate

import (
	"math/bits"

	"taxistream/data/zones"
)

// square is a piece of a zone: its south-western corner and the sub-squares of
// it that are inside.
type square struct {
	lon, lat int32 // microdegrees
	mask     uint64
}

// place is a zone as trips see it: where in it they begin and where they end.
type place struct {
	squares         []square
	pickup, dropoff alias // over squares
	manhattan       bool
}

// The city's box (contract, "Which trips count") in squares; the last row and
// column are those below its upper bounds.
const (
	cityFirstRow, cityLastRow       = 40560, 40877
	cityFirstColumn, cityLastColumn = -74054, -73723
)

// thinlyKnown: a zone with fewer known trip ends than this has too few of them to
// show where its streets are, so all its land shares in the rest.
const thinlyKnown = 100

// newPlace returns nil if the zone has no land to begin or end a trip on.
func newPlace(s *zones.Shape, known []countRow, insideCity bool) *place {
	p := &place{manhattan: s.Borough == "Manhattan"}
	l := newLand(s)
	p.squares = make([]square, 0, len(known))
	pickup, dropoff := make([]uint64, 0, len(known)), make([]uint64, 0, len(known))
	numbers := make([]int32, len(l.masks)) // of each square of the land: its place in squares, from 1
	add := func(c cell, pickups, dropoffs uint64) {
		at, found := l.index(c)
		if !found || l.masks[at] == 0 || insideCity && !inCity(c) {
			return
		}
		if numbers[at] == 0 {
			p.squares = append(p.squares, square{c.column * squareSize, c.row * squareSize, l.masks[at]})
			pickup, dropoff = append(pickup, 0), append(dropoff, 0)
			numbers[at] = int32(len(p.squares))
		}
		i := numbers[at] - 1
		// Where some get out others get in: each kind of end lends to the other.
		pickup[i] += 3*pickups + dropoffs
		dropoff[i] += 3*dropoffs + pickups
	}
	ends := uint64(0)
	for _, k := range known {
		ends += k.pickups + k.dropoffs
		add(cell{k.row, k.column}, 2*k.pickups, 2*k.dropoffs)
	}
	if ends < thinlyKnown {
		for row := l.first.row; row < l.first.row+l.rows; row++ {
			for column := l.first.column; column < l.first.column+l.columns; column++ {
				add(cell{row, column}, 1, 1)
			}
		}
	}
	if len(p.squares) == 0 {
		return nil
	}
	p.pickup, p.dropoff = newAlias(pickup), newAlias(dropoff)
	return p
}

func inCity(c cell) bool {
	return c.row >= cityFirstRow && c.row <= cityLastRow && c.column >= cityFirstColumn && c.column <= cityLastColumn
}

// point draws a point of one of the place's squares: which tells the square by
// its weight, where the point in it.
func (p *place) point(ends alias, which, where uint64) (at zones.Point) {
	s := &p.squares[ends.pick(which)]
	x, y := uint32(where), uint32(where>>32)
	if s.mask == ^uint64(0) {
		return zones.Point{Lon: s.lon + int32(upTo(x, squareSize)), Lat: s.lat + int32(upTo(y, squareSize))}
	}
	// The low half of which has served to choose between two squares, so take
	// the sub-square from bits of where that hardly move the point.
	mask := s.mask
	for k := upTo(x<<16|y&0xffff, int64(bits.OnesCount64(mask))); k > 0; k-- {
		mask &= mask - 1
	}
	sub := int32(bits.TrailingZeros64(mask))
	return zones.Point{
		Lon: s.lon + sub%8*subSize + int32(upTo(x, subSize)),
		Lat: s.lat + sub/8*subSize + int32(upTo(y, subSize)),
	}
}
