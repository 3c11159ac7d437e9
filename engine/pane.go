package engine

import (
	"cmp"
	"slices"

	"taxistream/engine/window"
)

// pane holds the accumulators of one window: slots in the order of their keys'
// first elements, found through an index. Adding to a key that is there costs
// one lookup and no allocation.
//
// Invariants: index and slots hold the same keys; dirty lists each slot once that
// changed since the window fired, and isDirty marks those; a slot that a snapshot still
// has to read (frozen) is changed only behind touch.
type pane[K comparable, A any] struct {
	window  window.Window
	index   map[K]int32
	slots   []slot[K, A]
	fired   bool
	dirty   []int32
	isDirty []bool
	frozen  *frozenPane[K, A] // nil: no snapshot is being taken
}

type slot[K comparable, A any] struct {
	key K
	acc A
}

// newPane makes a pane with room for so many keys; it grows beyond them.
func newPane[K comparable, A any](w window.Window, keys int) *pane[K, A] {
	return &pane[K, A]{window: w, index: make(map[K]int32, keys), slots: make([]slot[K, A], 0, keys)}
}

// slot is the index of the key's slot, made if need be, and free to be changed.
func (p *pane[K, A]) slot(key K) int32 {
	i, ok := p.index[key]
	if !ok {
		i = int32(len(p.slots))
		p.index[key] = i
		p.slots = append(p.slots, slot[K, A]{key: key})
	}
	if p.frozen != nil && !p.frozen.touch(int(i)) {
		p.frozen = nil
	}
	return i
}

// mark notes that a slot of a fired pane has changed; first: none had before.
func (p *pane[K, A]) mark(i int32) (first bool) {
	if n := len(p.slots); n > len(p.isDirty) {
		p.isDirty = append(p.isDirty, make([]bool, n-len(p.isDirty))...)
	}
	if p.isDirty[i] {
		return false
	}
	p.isDirty[i] = true
	p.dirty = append(p.dirty, i)
	return len(p.dirty) == 1
}

// clean forgets the marks.
func (p *pane[K, A]) clean() {
	for _, i := range p.dirty {
		p.isDirty[i] = false
	}
	p.dirty = p.dirty[:0]
}

// sortPanes sorts by end and then start of their windows.
func sortPanes[K comparable, A any](panes []*frozenPane[K, A]) {
	slices.SortFunc(panes, func(a, b *frozenPane[K, A]) int {
		return cmp.Or(cmp.Compare(a.window.End, b.window.End), cmp.Compare(a.window.Start, b.window.Start))
	})
}

// sortedKeys are a map's keys in order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
