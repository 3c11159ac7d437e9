package engine

import (
	"sync"
	"sync/atomic"

	"taxistream/engine/checkpoint"
)

// table holds a value for each key: entries in a slice, found through an index. A snapshot
// of it is taken page by page while it changes: an entry that is about to change, and has
// not been encoded yet, is encoded first, with its page. So values may hold pointers.
//
// Invariants: index and entries hold the same keys; an entry that a snapshot still has to
// read is changed only behind touch.
type table[K comparable, V any] struct {
	index   map[K]int32
	entries []tableEntry[K, V]
	view    *tableView[K, V] // nil: no snapshot is being taken
}

type tableEntry[K comparable, V any] struct {
	key   K
	value V
}

func newTable[K comparable, V any]() *table[K, V] { return &table[K, V]{index: make(map[K]int32)} }

// find returns a key's value, free to be changed until the table's next call; nil: there is none.
func (t *table[K, V]) find(key K) *V {
	i, ok := t.index[key]
	if !ok {
		return nil
	}
	t.touch(int(i))
	return &t.entries[i].value
}

// get is find for a key that gets a zero value if it has none.
func (t *table[K, V]) get(key K) *V {
	if v := t.find(key); v != nil {
		return v
	}
	i := len(t.entries)
	t.touch(i)
	t.index[key] = int32(i)
	t.entries = append(t.entries, tableEntry[K, V]{key: key})
	return &t.entries[i].value
}

// remove takes out a key that is there; the last entry moves into its place.
func (t *table[K, V]) remove(key K) {
	i, last := int(t.index[key]), len(t.entries)-1
	t.touch(i)
	t.touch(last)
	t.entries[i] = t.entries[last]
	t.entries[last] = tableEntry[K, V]{}
	t.entries = t.entries[:last]
	delete(t.index, key)
	if i < last {
		t.index[t.entries[i].key] = int32(i)
	}
}

func (t *table[K, V]) touch(i int) {
	if t.view != nil && !t.view.touch(i) {
		t.view = nil
	}
}

// tableView is a table as it was at a barrier. It implements runtime.View.
//
// Invariants: all but over is under mu; pages that are not done are as they were at the
// barrier; pieces hold what was encoded and not yet handed out.
type tableView[K comparable, V any] struct {
	state  checkpoint.State
	encode func(dst []byte, v *V) []byte
	key    Codec[K]
	over   atomic.Bool

	mu      sync.Mutex
	begun   bool
	entries []tableEntry[K, V]
	done    []bool // by page
	next    int    // no page before it is not done
	pieces  *pieces
}

// tablePage is the number of entries that are encoded at once.
const tablePage = 64

// freeze begins a snapshot of the table, and ends one that was not read to its end. encode
// appends a value.
func (t *table[K, V]) freeze(s checkpoint.State, groups int, key Codec[K], encode func([]byte, *V) []byte) *tableView[K, V] {
	n := len(t.entries)
	t.view = &tableView[K, V]{
		state: s, key: key, encode: encode, entries: t.entries[:n:n], done: make([]bool, (n+tablePage-1)/tablePage), pieces: newPieces(groups),
	}
	return t.view
}

// touch makes an entry free to be changed. It reports whether the snapshot is still taken.
func (v *tableView[K, V]) touch(i int) (taken bool) {
	if v.over.Load() {
		return false
	}
	if i < len(v.entries) {
		v.mu.Lock()
		v.page(i / tablePage)
		v.mu.Unlock()
	}
	return true
}

// page encodes a page, unless it is done.
func (v *tableView[K, V]) page(n int) {
	if v.done[n] {
		return
	}
	v.done[n] = true
	p := v.pieces
	for i := n * tablePage; i < min(len(v.entries), (n+1)*tablePage); i++ {
		e := &v.entries[i]
		p.scratch = v.key.Append(p.scratch[:0], e.key)
		group, dst := p.add(p.scratch)
		p.set(group, v.encode(dst, &e.value))
	}
}

// Append implements runtime.View.
func (v *tableView[K, V]) Append(dst []byte) ([]byte, bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.begun {
		v.begun = true
		dst = checkpoint.AppendState(checkpoint.AppendHeader(dst), v.state)
	}
	for v.next < len(v.done) && !v.pieces.full() {
		v.page(v.next)
		v.next++
	}
	done := v.next == len(v.done)
	v.over.Store(done)
	return v.pieces.flush(dst, 0), done, nil
}

// Drop implements runtime.View.
func (v *tableView[K, V]) Drop() { v.over.Store(true) }
