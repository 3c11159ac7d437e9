package put

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// Shard is an open shard: one that takes records.
type Shard struct {
	ID    string
	Start string // decimal, the first hash key of its range
}

// Map tells which open shard a hash key belongs to. It is immutable.
type Map struct {
	shards []Shard
	starts [][2]uint64
	known  map[string]int
}

// NewMap returns the map of the open shards of a stream, in any order. It fails
// if a hash key is no number of 128 bits, or if no shard is open.
func NewMap(open []Shard) (*Map, error) {
	if len(open) == 0 {
		return nil, errors.New("shard map: the stream has no open shard")
	}
	type ranged struct {
		Shard
		start [2]uint64
	}
	all := make([]ranged, len(open))
	for i, s := range open {
		n, ok := new(big.Int).SetString(s.Start, 10)
		if !ok || n.Sign() < 0 || n.BitLen() > 128 {
			return nil, fmt.Errorf("shard map: %s starts at %q, which is no hash key", s.ID, s.Start)
		}
		var b [16]byte
		n.FillBytes(b[:])
		all[i] = ranged{s, words(b)}
	}
	slices.SortFunc(all, func(a, b ranged) int { return compare(a.start, b.start) })
	m := &Map{known: make(map[string]int, len(open))}
	for i, s := range all {
		m.shards = append(m.shards, s.Shard)
		m.starts = append(m.starts, s.start)
		m.known[s.ID] = i
	}
	return m, nil
}

// Shards are the open shards by hash key. The caller must not change them.
func (m *Map) Shards() []Shard { return m.shards }

// Equal reports whether both maps have the same shards.
func (m *Map) Equal(other *Map) bool { return slices.Equal(m.shards, other.shards) }

// Has reports whether the shard is one of the map.
func (m *Map) Has(id string) bool { _, ok := m.known[id]; return ok }

// Lookup is the index in Shards of the shard that takes a hash key, which is
// the MD5 of a partition key (API reference, PutRecord). Keys below the first
// range, which only a map read during a reshard leaves out, go to the first.
func (m *Map) Lookup(hash [16]byte) int {
	key := words(hash)
	lo, hi := 0, len(m.starts)
	for hi-lo > 1 {
		mid := int(uint(lo+hi) / 2)
		if compare(m.starts[mid], key) <= 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

func words(b [16]byte) [2]uint64 {
	return [2]uint64{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func compare(a, b [2]uint64) int {
	for i := range a {
		switch {
		case a[i] < b[i]:
			return -1
		case a[i] > b[i]:
			return 1
		}
	}
	return 0
}
