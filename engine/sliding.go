package engine

import (
	"cmp"
	"slices"

	"taxistream/engine/internal/runtime"
	"taxistream/engine/window"
)

// slidingOperator is the fast form of an Aggregate over windows that overlap, have no
// trigger of their own and an aggregation that merges: an element goes into one slice, and
// a window's result is merged of the slices that it has in common with its neighbours.
//
// A slice is as long as the greatest length that divides both size and slide, so each
// window is a number of whole slices.
//
// Invariants: a key's slices rise; live holds the starts of all slices there are, rising,
// with how many keys have each. Whether a window has fired is a matter of the watermark
// alone: all up to it have.
type slidingOperator[K comparable, T, A, R any] struct {
	base
	in      *KeyedStream[K, T]
	agg     Aggregation[K, T, A, R]
	grid    grid
	results *Collector[R]
	late    *Collector[T]

	current int64 // watermark
	state   *table[K, keySlices[A]]
	live    []liveSlice
	at      *Element[T] // the element at work
	fires   firedWindow[K]
	dirty   []dirtySlice[K]
	passing passingWindows
}

// slice is what one key has in one slice of time.
type slice[A any] struct {
	start int64
	acc   A
}

type keySlices[A any] []slice[A]

type liveSlice struct {
	start int64
	keys  int
}

// dirtySlice is one that has changed behind the watermark.
type dirtySlice[K comparable] struct {
	key   K
	start int64
}

// grid cuts time into slices, and windows into whole numbers of them. All in ms.
type grid struct{ size, slide, offset, length, lateness int64 }

func newGrid(w window.Sliced, lateness int64) grid {
	g := grid{lateness: lateness}
	g.size, g.slide, g.offset = w.Sliced()
	a, b := g.size, g.slide
	for b != 0 {
		a, b = b, a%b
	}
	g.length = a
	return g
}

// slice is the start of the slice that holds t.
func (g *grid) slice(t int64) int64 { return window.Start(t-g.offset, g.length) + g.offset }

// last is the last window that a slice belongs to.
func (g *grid) last(slice int64) window.Window {
	start := window.Start(slice-g.offset, g.slide) + g.offset
	return window.Window{Start: start, End: start + g.size}
}

// first is the first window that a slice belongs to.
func (g *grid) first(slice int64) window.Window {
	w := g.last(slice)
	back := (w.End - slice - g.length) / g.slide * g.slide
	return window.Window{Start: w.Start - back, End: w.End - back}
}

// gone: can no element in the slice count any more at that watermark?
func (g *grid) gone(slice, watermark int64) bool { return g.over(g.last(slice), watermark) }

// over: can no element in the window count any more?
func (g *grid) over(w window.Window, watermark int64) bool {
	return watermark >= addTime(w.MaxTime(), g.lateness)
}

func newSlidingOperator[K comparable, T, A, R any](b *builder, n *node, in *KeyedStream[K, T], w window.Sliced, agg Aggregation[K, T, A, R], options windowOptions, out *Stream[R]) (input[T], error) {
	o := &slidingOperator[K, T, A, R]{
		base: newBase(b, n), in: in, agg: agg, grid: newGrid(w, options.lateness), current: NoWatermark, state: newTable[K, keySlices[A]](),
	}
	var err error
	if o.results, o.late, err = windowOutputs[T](b, &o.base, out); err != nil {
		return nil, err
	}
	o.current, err = o.restore(b)
	o.n.watermark.Store(o.current)
	return o, err
}

func (o *slidingOperator[K, T, A, R]) element() string {
	if o.at != nil {
		return o.at.print()
	}
	return o.fires.print()
}

func (o *slidingOperator[K, T, A, R]) elements(batch []Element[T]) error {
	o.n.in.Add(int64(len(batch)))
	o.since = 0
	for i := range batch {
		o.at = &batch[i]
		start := o.grid.slice(o.at.EventTime)
		if o.grid.gone(start, o.current) {
			o.n.late.Add(1)
			o.late.EmitElement(o.at)
			continue
		}
		key := o.in.key(&o.at.Value)
		o.agg.Add(o.acc(o.state.get(key), start), o.at)
		if o.current >= o.grid.first(start).MaxTime() {
			o.dirty = append(o.dirty, dirtySlice[K]{key, start})
		}
	}
	o.at = nil
	if len(o.dirty) > 0 {
		o.refire()
	}
	if err := o.emit(); err != nil {
		return err
	}
	return o.checkEntries()
}

// acc finds a key's accumulator in a slice, made if need be.
func (o *slidingOperator[K, T, A, R]) acc(k *keySlices[A], start int64) *A {
	if n := len(*k); n > 0 && (*k)[n-1].start == start {
		return &(*k)[n-1].acc
	}
	i, found := slices.BinarySearchFunc(*k, start, func(s slice[A], t int64) int { return cmp.Compare(s.start, t) })
	if !found {
		*k = slices.Insert(*k, i, slice[A]{start: start})
		o.lives(start, 1)
		o.n.entries.Add(1)
	}
	return &(*k)[i].acc
}

// lives counts a key in to a slice or out of it.
func (o *slidingOperator[K, T, A, R]) lives(start int64, by int) {
	i, found := slices.BinarySearchFunc(o.live, start, func(s liveSlice, t int64) int { return cmp.Compare(s.start, t) })
	if !found {
		o.live = slices.Insert(o.live, i, liveSlice{start: start})
	}
	if o.live[i].keys += by; o.live[i].keys == 0 {
		o.live = slices.Delete(o.live, i, i+1)
	}
}

func (o *slidingOperator[K, T, A, R]) signal(s signal) error {
	switch s.Kind {
	case runtime.Watermark:
		if s.At > o.current {
			return o.pass(s)
		}
	case runtime.Cut:
		o.keep(s.Barrier)
	case runtime.Flush, runtime.Tick, runtime.Committed, runtime.End, runtime.WatermarkStatus:
	}
	return o.base.signal(s)
}
