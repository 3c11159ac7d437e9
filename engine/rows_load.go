package engine

import (
	"bytes"
	"fmt"
	"slices"

	"taxistream/engine/state"
)

// rowsLoading gathers restored rows and hands them to the backend in order, many at a time.
//
// Invariants: the rows' bytes are in blocks that are never moved; size is the sum of them.
type rowsLoading struct {
	block []byte // the one being filled
	rows  []state.Row
	size  int
}

// loadedAtOnce is the number of bytes of rows from which they are handed to the backend,
// loadBlock that of a block.
const (
	loadedAtOnce = 4 << 20
	loadBlock    = 1 << 15
)

// load gathers a row whose key and value it copies.
func (s *keyedState) load(key, value []byte) error {
	l := &s.loading
	size := len(key) + len(value)
	if size > cap(l.block)-len(l.block) {
		l.block = make([]byte, 0, max(size, loadBlock))
	}
	at := len(l.block)
	l.block = append(append(l.block, key...), value...)
	row := l.block[at:]
	l.rows = append(l.rows, state.Row{Key: row[:len(key):len(key)], Value: row[len(key):]})
	if l.size += size; l.size < loadedAtOnce {
		return nil
	}
	return s.loadAll()
}

// loadAll hands over what is gathered. Of a row that is there twice, which no checkpoint
// should have, the last counts.
func (s *keyedState) loadAll() error {
	l := &s.loading
	byKey := func(a, b state.Row) int { return bytes.Compare(a.Key, b.Key) }
	if !slices.IsSortedFunc(l.rows, byKey) {
		slices.SortStableFunc(l.rows, byKey)
	}
	rows := l.rows[:0]
	for _, r := range l.rows {
		if n := len(rows); n > 0 && bytes.Equal(rows[n-1].Key, r.Key) {
			invariant(false, "a row of %s is restored twice", s.operator)
			rows = rows[:n-1]
		}
		rows = append(rows, r)
	}
	if len(rows) > 0 {
		if err := s.backend.Load(rows); err != nil {
			return fmt.Errorf("load state: %w", err)
		}
	}
	s.n.entries.Add(int64(len(rows)))
	*l = rowsLoading{block: l.block[:0], rows: l.rows[:0]}
	return nil
}
