package engine

import (
	"cmp"
	"slices"

	"taxistream/engine/window"
)

// pane holds the accumulators of one window: slots in the order of their keys'
// first elements, found through an index. Adding to a key that is there costs
// one lookup and no allocation.
type pane[K comparable, A any] struct {
	window window.Window
	index  map[K]int32
	slots  []slot[K, A]
	fired  bool
	dirty  []int32 // slots changed since it fired
}

type slot[K comparable, A any] struct {
	key   K
	acc   A
	dirty bool
}

// newPane makes a pane with room for so many keys; it grows beyond them.
func newPane[K comparable, A any](w window.Window, keys int) *pane[K, A] {
	return &pane[K, A]{window: w, index: make(map[K]int32, keys), slots: make([]slot[K, A], 0, keys)}
}

// slot is the index of the key's slot, made if need be.
func (p *pane[K, A]) slot(key K) int32 {
	i, ok := p.index[key]
	if !ok {
		i = int32(len(p.slots))
		p.index[key] = i
		p.slots = append(p.slots, slot[K, A]{key: key})
	}
	return i
}

// sortedWindows are the windows by end and then start.
func sortedWindows[V any](m map[window.Window]V) []window.Window {
	windows := make([]window.Window, 0, len(m))
	for w := range m {
		windows = append(windows, w)
	}
	slices.SortFunc(windows, func(a, b window.Window) int {
		return cmp.Or(cmp.Compare(a.End, b.End), cmp.Compare(a.Start, b.Start))
	})
	return windows
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
