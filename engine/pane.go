package engine

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

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
	index   index
	slots   []slot[K, A]
	fired   bool
	dirty   []int32
	isDirty []bool
	frozen  *frozenPane[K, A] // nil: no snapshot is being taken
	fetched uint64            // nothing: it keeps the compiler from leaving fetch's reads out
}

type slot[K comparable, A any] struct {
	key K
	acc A
}

// newPane makes a pane with room for so many keys; it grows beyond them.
func newPane[K comparable, A any](w window.Window, keys int) *pane[K, A] {
	return &pane[K, A]{window: w, index: newIndex(keys), slots: make([]slot[K, A], 0, keys)}
}

// slot is the index of the key's slot, made if need be, and free to be changed.
func (p *pane[K, A]) slot(key K) int32 {
	tag := tagOf(key)
	for at := p.index.first(tag); ; at++ {
		i, same := p.index.at(at, tag)
		switch {
		case i < 0:
			i = int32(len(p.slots))
			p.index.add(at, tag, i)
			p.slots = append(p.slots, slot[K, A]{key: key})
			return i
		case same && p.slots[i].key == key:
			if p.frozen != nil && !p.frozen.touch(int(i)) {
				p.frozen = nil
			}
			return i
		}
	}
}

// ahead is the number of elements whose slots are fetched at once, and coldSlots the number of
// slots from which that pays: fewer are in a processor's cache anyway.
const (
	ahead     = 32
	coldSlots = 1 << 15
)

// fetch has the memory brought near that the elements' slots will need: what each waits for
// comes at the same time then, instead of one after the other. It changes nothing.
func fetch[K comparable, A, T any](p *pane[K, A], batch []Element[T], keyOf func(*T) K) {
	var tags [ahead]uint32
	var keys [ahead]K
	var sum uint64
	for i := range batch {
		keys[i] = keyOf(&batch[i].Value)
		tags[i] = tagOf(keys[i])
		sum += p.index.table[p.index.first(tags[i])]
	}
	for i := range batch {
		at := p.index.first(tags[i])
		place, same := p.index.at(at, tags[i])
		for place >= 0 && !same {
			at++
			place, same = p.index.at(at, tags[i])
		}
		if place >= 0 && p.slots[place].key == keys[i] {
			sum++
		}
	}
	p.fetched = sum
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

// frozenPane is a pane as it was at a barrier. It shares the pane's slots and is read, page
// by page, while the pane goes on: before the pane changes a slot that has not been read,
// that is copied, by itself or with its page. So a barrier costs the pane nothing, and a
// slot at most one copy.
//
// Invariants: slots below the length of slots are changed only by the pane's task, and
// only after touch; read, and what saved points at, are changed under mu: a page below read
// is needed no more, a slot of another one that has changed is in saved. The task alone
// writes free, saved and have, and may look at them without mu.
type frozenPane[K comparable, A any] struct {
	window window.Window
	fired  bool
	slots  []slot[K, A]
	clone  func(A) A // nil: a copied accumulator shares nothing

	free  []bool             // by page: all of it may be changed
	saved []*savedPage[K, A] // by page; nil: nothing of it has changed
	over  atomic.Bool

	mu   sync.Mutex
	read int // pages
}

// savedPage holds the slots of a page as they were, those that have changed since.
type savedPage[K comparable, A any] struct {
	slots []slot[K, A] // nil: the page has been read
	have  [pageSlots]bool
}

// pageSlots is the number of slots that are encoded at once.
const pageSlots = 512

// cloneOf is how accumulators are copied, through their codec; nil: as they are.
func cloneOf[A any](codec Codec[A]) func(A) A {
	if plain(reflect.TypeFor[A]()) {
		return nil
	}
	var scratch []byte
	return func(acc A) A {
		scratch = codec.Append(scratch[:0], acc)
		acc, rest, err := codec.Decode(bytes.Clone(scratch)) // what is decoded may point into it
		if err != nil || len(rest) > 0 {
			panic(fmt.Sprintf("%T cannot read what it wrote: %d bytes are left, %v", codec, len(rest), err))
		}
		return acc
	}
}

// freeze begins a snapshot of the pane, and ends one that was not read to its end.
func (p *pane[K, A]) freeze(clone func(A) A) *frozenPane[K, A] {
	pages := (len(p.slots) + pageSlots - 1) / pageSlots
	p.frozen = &frozenPane[K, A]{
		window: p.window, fired: p.fired, slots: p.slots[:len(p.slots):len(p.slots)], clone: clone,
		free: make([]bool, pages), saved: make([]*savedPage[K, A], pages),
	}
	return p.frozen
}

// touch makes a slot free to be changed. It reports whether the snapshot is still taken.
func (f *frozenPane[K, A]) touch(i int) (taken bool) {
	if f.over.Load() {
		return false
	}
	page := i / pageSlots
	if i >= len(f.slots) || f.free[page] {
		return true
	}
	if s := f.saved[page]; s != nil && s.have[i%pageSlots] {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if page < f.read {
		f.free[page] = true
		return true
	}
	f.save(page, i)
	return true
}

// save copies a slot, or all of its page.
func (f *frozenPane[K, A]) save(page, i int) {
	if f.clone == nil {
		f.free[page], f.saved[page] = true, &savedPage[K, A]{slots: slices.Clone(f.page(page))}
		return
	}
	s := f.saved[page]
	if s == nil {
		s = &savedPage[K, A]{slots: make([]slot[K, A], len(f.page(page)))}
		f.saved[page] = s
	}
	s.slots[i%pageSlots] = slot[K, A]{key: f.slots[i].key, acc: f.clone(f.slots[i].acc)}
	s.have[i%pageSlots] = true
}

func (f *frozenPane[K, A]) page(page int) []slot[K, A] {
	return f.slots[page*pageSlots : min(len(f.slots), (page+1)*pageSlots)]
}

// next calls encode with the slots of the next page, as they were; done: it is the last.
func (f *frozenPane[K, A]) next(encode func([]slot[K, A])) (done bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.read < len(f.saved) {
		slots, s := f.page(f.read), f.saved[f.read]
		switch {
		case s == nil:
			encode(slots)
		case f.clone == nil:
			encode(s.slots)
		default:
			for i := range slots {
				if s.have[i] {
					encode(s.slots[i : i+1])
				} else {
					encode(slots[i : i+1])
				}
			}
		}
		if s != nil {
			s.slots = nil
		}
		f.read++
	}
	return f.read >= len(f.saved)
}

// plain tells whether a copy of a value shares nothing with it that can be changed.
func plain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return plain(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if !plain(t.Field(i).Type) {
				return false
			}
		}
		return true
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.UnsafePointer:
		return false
	default:
		return true
	}
}
