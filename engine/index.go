package engine

import "hash/maphash"

// index finds the place of a key in a slice of entries that only grows: an open table of
// places, in which a key that is new takes one memory access, and one that is there a
// second, to its entry. It holds no keys: whoever looks compares them.
//
//	for at := x.first(tag); ; at++ {
//		place, found := x.at(at, tag) // found: look at the entry in that place
//		if place < 0 { … x.add(at, tag, place of the new entry) … }
//	}
//
// Invariants: a table entry is 0 or a key's tag (32 bits) above its place plus one (32
// bits); from the position that a tag's highest bits give to its entry, no position is
// free; at least 3 of 8 positions are. So an index that grows is rewritten in order.
type index struct {
	table []uint64
	shift uint // from a tag to its first position
	used  int
}

// leastIndex is the size of the smallest table.
const leastIndex = 16

var hashSeed = maphash.MakeSeed()

// tagOf is a key's. It differs from process to process, and nothing shows it.
func tagOf[K comparable](key K) uint32 { return uint32(maphash.Comparable(hashSeed, key)) }

// newIndex returns an index with room for so many keys; it grows beyond them.
func newIndex(keys int) index {
	x := index{table: make([]uint64, leastIndex), shift: 32 - 4}
	for x.room() < keys {
		x.table, x.shift = make([]uint64, 2*len(x.table)), x.shift-1
	}
	return x
}

// room is the number of keys for which the table is large enough.
func (x *index) room() int { return len(x.table) / 8 * 5 }

// first is where to begin to look for a key with a tag.
func (x *index) first(tag uint32) int { return int(tag >> x.shift) }

// at looks at a position. place -1: it is free, and the key is not there; same: the entry in
// that place has the tag, and may have the key.
func (x *index) at(position int, tag uint32) (place int32, same bool) {
	e := x.table[position&(len(x.table)-1)]
	return int32(uint32(e)) - 1, uint32(e>>32) == tag && e != 0
}

// add enters a key's place in the free position that ended the search for it.
func (x *index) add(position int, tag uint32, place int32) {
	x.table[position&(len(x.table)-1)] = uint64(tag)<<32 | uint64(uint32(place)+1)
	if x.used++; x.used > x.room() {
		x.grow()
	}
}

func (x *index) grow() {
	old := x.table
	x.table, x.shift = make([]uint64, 2*len(old)), x.shift-1
	mask := len(x.table) - 1
	for _, e := range old {
		if e == 0 {
			continue
		}
		position := x.first(uint32(e >> 32))
		for x.table[position&mask] != 0 {
			position++
		}
		x.table[position&mask] = e
	}
}

// clear forgets all keys and keeps the room.
func (x *index) clear() {
	clear(x.table)
	x.used = 0
}
