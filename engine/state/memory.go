package state

import (
	"errors"
	"io"
	"slices"
	"strings"
)

// InMemory is the Opener of backends on the heap.
type InMemory struct{}

// Open implements Opener.
func (InMemory) Open(string, int) (Backend, error) { return NewMemory(), nil }

// Format implements Opener: a snapshot has no files of its own.
func (InMemory) Format() string { return "" }

// Read implements Opener.
func (InMemory) Read(func(func(string, io.Reader) error) error) (Snapshot, error) {
	return nil, errors.New("state in memory has no files to be read")
}

// Memory is a Backend on the heap: rows in pages, each of which is copied before its first
// change after a snapshot. So a snapshot costs a pointer a page, and a change at most one
// copy of a page.
//
// Invariants: pages are not empty, but for a single first one; rows rise over all pages; a
// page whose epoch is not the current one may be read by a snapshot and is never changed;
// values are never written into.
type Memory struct {
	pages []*page
	epoch int64
	last  int // the page used last: neighbours share it
}

var _ Backend = (*Memory)(nil)

type page struct {
	epoch int64
	rows  []row
}

type row struct {
	key   string
	value []byte
}

// pageRows is the greatest number of rows in a page: one that would have more is cut in two.
const pageRows = 128

// NewMemory returns an empty backend.
func NewMemory() *Memory { return &Memory{pages: []*page{{}}} }

// find is where a key is, or would be.
func (m *Memory) find(key []byte) (p, i int, ok bool) {
	p = m.last
	if !m.within(p, key) {
		p = findPage(m.pages, key)
		m.last = p
	}
	i, ok = m.pages[p].find(key)
	return p, i, ok
}

// within tells whether a page is the one for a key.
func (m *Memory) within(p int, key []byte) bool {
	if p >= len(m.pages) || len(m.pages[p].rows) == 0 || string(key) < m.pages[p].rows[0].key {
		return false
	}
	return p+1 == len(m.pages) || string(key) < m.pages[p+1].rows[0].key
}

// findPage is the last page that begins at or before key, or the first.
func findPage(pages []*page, key []byte) int {
	low, high := 0, len(pages)-1
	for low < high {
		middle := (low + high + 1) / 2
		if pages[middle].rows[0].key <= string(key) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

func (p *page) find(key []byte) (int, bool) {
	low, high := 0, len(p.rows)
	for low < high {
		middle := (low + high) / 2
		if p.rows[middle].key < string(key) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(p.rows) && p.rows[low].key == string(key)
}

// own is a page that may be changed.
func (m *Memory) own(p int) *page {
	if m.pages[p].epoch != m.epoch {
		m.pages[p] = &page{epoch: m.epoch, rows: append(make([]row, 0, pageRows), m.pages[p].rows...)}
	}
	return m.pages[p]
}

// Get implements Backend.
func (m *Memory) Get(key []byte) (value []byte, ok bool, err error) {
	p, i, ok := m.find(key)
	if !ok {
		return nil, false, nil
	}
	return m.pages[p].rows[i].value, true, nil
}

// Put implements Backend.
func (m *Memory) Put(key, value []byte) (added bool, err error) {
	p, i, ok := m.find(key)
	own := m.own(p)
	value = slices.Clone(value)
	if ok {
		own.rows[i].value = value
		return false, nil
	}
	own.rows = slices.Insert(own.rows, i, row{key: string(key), value: value})
	if len(own.rows) == pageRows {
		half := pageRows / 2
		if i == pageRows-1 { // rows that come in order leave full pages behind
			half = pageRows - 1
		}
		next := &page{epoch: m.epoch, rows: append(make([]row, 0, pageRows), own.rows[half:]...)}
		clear(own.rows[half:])
		own.rows = own.rows[:half]
		m.pages = slices.Insert(m.pages, p+1, next)
	}
	return true, nil
}

// Delete implements Backend.
func (m *Memory) Delete(key []byte) (deleted bool, err error) {
	p, i, ok := m.find(key)
	if !ok {
		return false, nil
	}
	own := m.own(p)
	own.rows = slices.Delete(own.rows, i, i+1)
	if len(own.rows) == 0 && len(m.pages) > 1 {
		m.pages = slices.Delete(m.pages, p, p+1)
	}
	return true, nil
}

// Scan implements Backend.
func (m *Memory) Scan(from, to []byte, f func(key, value []byte) bool) error {
	scan(m.pages, from, to, f)
	return nil
}

func scan(pages []*page, from, to []byte, f func(key, value []byte) bool) {
	var key []byte
	for n, p := range pages[findPage(pages, from):] {
		i := 0
		if n == 0 {
			i, _ = p.find(from)
		}
		for _, r := range p.rows[i:] {
			if strings.Compare(r.key, string(to)) >= 0 {
				return
			}
			if key = append(key[:0], r.key...); !f(key, r.value) {
				return
			}
		}
	}
}

// Snapshot implements Backend.
func (m *Memory) Snapshot() (Snapshot, error) {
	m.epoch++
	return &memorySnapshot{pages: slices.Clone(m.pages)}, nil
}

// Close implements Backend.
func (m *Memory) Close() error { return nil }

// memorySnapshot is a Memory as it was: pages that are not changed any more.
type memorySnapshot struct{ pages []*page }

// Scan implements Snapshot.
func (s *memorySnapshot) Scan(from, to []byte, f func(key, value []byte) bool) error {
	if len(s.pages) > 0 {
		scan(s.pages, from, to, f)
	}
	return nil
}

// Close implements Snapshot.
func (s *memorySnapshot) Close() error {
	s.pages = nil
	return nil
}
