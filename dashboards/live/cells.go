package live

import (
	"math"
	"sort"
	"strconv"
)

// cellTable numbers cells in the order in which they were first seen, so that
// counts travel as small numbers. A row never changes.
type cellTable struct {
	number map[string]int32
	rows   []cellRow
}

type cellRow struct {
	id    string
	wire  []byte // ["id",lon,lat,dlon,dlat,…], see appendCell
	frame uint64 // in which viewers were first told of it; 0: not yet

	lat, lon float64 // of the mean of its corners
}

// add gives a cell its number; boundary is that of a document's source.
func (t *cellTable) add(id string, ring [][2]float64) int32 {
	n := int32(len(t.rows))
	row := cellRow{id: id, wire: appendCell(nil, id, ring)}
	for _, p := range ring {
		row.lon += p[0] / float64(len(ring))
		row.lat += p[1] / float64(len(ring))
	}
	t.rows = append(t.rows, row)
	t.number[id] = n
	return n
}

// told is the number of cells that viewers of a frame know.
func (t *cellTable) told(frame uint64) int {
	return sort.Search(len(t.rows), func(i int) bool { f := t.rows[i].frame; return f == 0 || f > frame })
}

// appendCell writes a cell as it travels: its name, its first corner in
// microdegrees, then the step to each further corner.
func appendCell(b []byte, id string, ring [][2]float64) []byte {
	b = append(b, '[', '"')
	b = append(b, id...) // hex digits, checked by results.ParseID
	b = append(b, '"')
	var x, y int64
	for _, p := range ring {
		nx, ny := micro(p[0]), micro(p[1])
		b = append(b, ',')
		b = strconv.AppendInt(b, nx-x, 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, ny-y, 10)
		x, y = nx, ny
	}
	return append(b, ']')
}

func micro(degrees float64) int64 { return int64(math.Round(degrees * 1e6)) }
