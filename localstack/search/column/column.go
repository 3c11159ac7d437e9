// Package column packs rows of whole numbers. Full chunks of rows hold each column
// as its least value and differences of 0, 1, 2, 4 or 8 bytes, so that what repeats
// or grows slowly, as counts, times and places in a file do, takes little memory.
package column

import (
	"encoding/binary"
	"math"
)

// chunkRows is how many rows are packed together.
const chunkRows = 2048

// Table is a list of rows. Any number is a value; a row may also lack one. Its
// owner locks it: many may read while nobody writes.
type Table struct {
	width  int
	rows   int
	chunks [][]packed // by chunk and column; the last is not packed while it has room
}

// packed is one column of one chunk.
type packed struct {
	base   int64
	bytes  uint8 // of a difference
	data   []byte
	absent []uint64 // a bit for each row that has no value; nil: all have one
}

// New makes a table of so many columns.
func New(width int) *Table { return &Table{width: width} }

// Rows is the number of rows.
func (t *Table) Rows() int { return t.rows }

// Widen adds a column at the end, which the rows that are there have no value of.
func (t *Table) Widen() { t.width++ }

// Append adds a row and returns its number. has tells which values there are.
func (t *Table) Append(values []int64, has []bool) int {
	row := t.rows
	if row%chunkRows == 0 {
		if row > 0 {
			t.pack(t.chunks[len(t.chunks)-1])
		}
		t.chunks = append(t.chunks, open(t.width))
	}
	t.rows++
	for i := range t.chunks[len(t.chunks)-1] {
		t.chunks[len(t.chunks)-1][i].set(row%chunkRows, values[i], has[i])
	}
	for i := len(t.chunks[len(t.chunks)-1]); i < len(values); i++ { // the chunk is older than the column
		t.Set(row, i, values[i], has[i])
	}
	return row
}

// open makes a chunk whose values can be set in place.
func open(width int) []packed {
	c := make([]packed, width)
	for i := range c {
		c[i] = packed{bytes: 8, data: make([]byte, 0, 8*8)}
	}
	return c
}

func (t *Table) pack(c []packed) {
	for i := range c {
		c[i] = pack(c[i].unpack())
	}
}

// Get gives a value, if the row has it.
func (t *Table) Get(row, column int) (v int64, ok bool) {
	c := t.chunks[row/chunkRows]
	if column >= len(c) {
		return 0, false
	}
	return c[column].get(row % chunkRows)
}

// Set changes a value, or with has false removes it.
func (t *Table) Set(row, column int, v int64, has bool) {
	at := row / chunkRows
	for column >= len(t.chunks[at]) {
		t.chunks[at] = append(t.chunks[at], packed{bytes: 8, data: make([]byte, 8*chunkRows), absent: allAbsent()})
	}
	p, i := &t.chunks[at][column], row%chunkRows
	if old, had := p.get(i); had == has && old == v {
		return
	}
	if !p.set(i, v, has) {
		values, absent := p.unpack()
		values[i] = v
		*p = pack(values, mark(absent, i, !has))
	}
}

func allAbsent() []uint64 {
	bits := make([]uint64, chunkRows/64)
	for i := range bits {
		bits[i] = math.MaxUint64
	}
	return bits
}

// mark sets or clears a bit, in a list that is made once one is set.
func mark(bits []uint64, i int, set bool) []uint64 {
	if bits == nil {
		if !set {
			return nil
		}
		bits = make([]uint64, chunkRows/64)
	}
	if set {
		bits[i/64] |= 1 << (i % 64)
	} else {
		bits[i/64] &^= 1 << (i % 64)
	}
	return bits
}

func (p *packed) get(i int) (int64, bool) {
	if p.absent != nil && p.absent[i/64]>>(i%64)&1 != 0 {
		return 0, false
	}
	switch p.bytes {
	case 0:
		return p.base, true
	case 1:
		return p.base + int64(p.data[i]), true
	case 2:
		return p.base + int64(binary.LittleEndian.Uint16(p.data[2*i:])), true
	case 4:
		return p.base + int64(binary.LittleEndian.Uint32(p.data[4*i:])), true
	}
	return p.base + int64(binary.LittleEndian.Uint64(p.data[8*i:])), true
}

// set changes a value in place, where the difference fits.
func (p *packed) set(i int, v int64, has bool) bool {
	if !has {
		v = p.base
	}
	d := uint64(v) - uint64(p.base)
	if p.bytes < 8 && (v < p.base || d>>(8*p.bytes) != 0) {
		return false
	}
	switch p.bytes {
	case 1:
		p.data[i] = byte(d)
	case 2:
		binary.LittleEndian.PutUint16(p.data[2*i:], uint16(d))
	case 4:
		binary.LittleEndian.PutUint32(p.data[4*i:], uint32(d))
	case 8:
		for len(p.data) <= 8*i {
			p.data = append(p.data, 0, 0, 0, 0, 0, 0, 0, 0)
		}
		binary.LittleEndian.PutUint64(p.data[8*i:], d)
	}
	p.absent = mark(p.absent, i, !has)
	return true
}

// unpack gives a whole chunk's values, 0 where there is none.
func (p *packed) unpack() (values []int64, absent []uint64) {
	values = make([]int64, chunkRows)
	for i := range values {
		values[i], _ = p.get(i)
	}
	return values, p.absent
}

func pack(values []int64, absent []uint64) packed {
	low, high, any := int64(math.MaxInt64), int64(math.MinInt64), uint64(0)
	for i, v := range values {
		if absent == nil || absent[i/64]>>(i%64)&1 == 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	for _, bits := range absent {
		any |= bits
	}
	if any == 0 {
		absent = nil
	}
	if low > high {
		low, high = 0, 0 // no row has one
	}
	p := packed{base: low, absent: absent}
	for p.bytes < 8 && (uint64(high)-uint64(low))>>(8*p.bytes) != 0 {
		p.bytes = max(1, 2*p.bytes)
	}
	p.data = make([]byte, int(p.bytes)*chunkRows)
	for i, v := range values {
		has := absent == nil || absent[i/64]>>(i%64)&1 == 0
		p.set(i, v, has)
	}
	return p
}

// Bytes is the memory of a chunk-packed table, roughly.
func (t *Table) Bytes() (n int64) {
	for _, c := range t.chunks {
		for i := range c {
			n += int64(cap(c[i].data)+8*cap(c[i].absent)) + 64
		}
	}
	return n
}
