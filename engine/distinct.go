package engine

import (
	"sync/atomic"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

// distinctOperator remembers, for each until still ahead of the watermark, the
// keys that have passed.
type distinctOperator[K comparable, T any] struct {
	base
	in    *KeyedStream[K, T]
	until func(*T) int64

	unique, duplicates, late *Collector[T]

	current int64 // watermark
	seen    map[int64]*pairs[K]
	due     dueList[int64] // the keys of seen
	lastAt  int64          // the pairs used last: neighbours in time share them
	last    *pairs[K]
	spare   []*pairs[K]  // emptied, grown already
	views   atomic.Int32 // snapshots that still read keys
	work    atWork[T]
}

// pairs are the keys that passed with one until.
//
// Invariant: index and keys hold the same ones; keys is only appended to while a snapshot
// may read what was there at its barrier.
type pairs[K comparable] struct {
	index index
	keys  []K
}

// spareSets is the number of emptied sets that are kept: windows open at one time.
const spareSets = 4

func newDistinctOperator[K comparable, T any](b *builder, n *node, in *KeyedStream[K, T], until func(*T) int64, out *Stream[T]) (input[T], error) {
	o := &distinctOperator[K, T]{base: newBase(b, n), in: in, until: until, current: NoWatermark, seen: make(map[int64]*pairs[K])}
	main, sides, err := buildOutputs(b, &o.base, out)
	if err != nil {
		return nil, err
	}
	o.unique = main
	o.duplicates = sides["duplicates"].(*Collector[T])
	o.late = sides["late"].(*Collector[T])
	o.current, err = o.restore(b)
	o.n.watermark.Store(o.current)
	return o, err
}

// elements passes on what is new in the batch itself, closed up: it came by the
// operator's own exchange, so nobody shares it.
func (o *distinctOperator[K, T]) elements(batch []Element[T]) error {
	o.n.in.Add(int64(len(batch)))
	var added, late int
	o.work.batch = batch
	for i := range batch {
		o.work.i = i
		e := &batch[i]
		until := o.until(&e.Value)
		if until <= o.current {
			late++
			o.late.EmitElement(e)
			continue
		}
		if !o.pairs(until).add(o.in.key(&e.Value)) {
			o.duplicates.EmitElement(e)
			continue
		}
		if added != i {
			batch[added] = *e
		}
		added++
	}
	o.work.batch = nil
	o.n.entries.Add(int64(added))
	if added > 0 {
		o.since = 0
	}
	o.n.late.Add(int64(late))
	o.unique.pass(batch[:added])
	if err := o.emit(); err != nil {
		return err
	}
	return o.checkEntries()
}

func (o *distinctOperator[K, T]) element() string { return o.work.element() }

// newPairs returns pairs with room for so many keys.
func newPairs[K comparable](keys int) *pairs[K] {
	return &pairs[K]{index: newIndex(keys), keys: make([]K, 0, keys)}
}

// add reports whether the key is new.
func (p *pairs[K]) add(key K) bool {
	tag := tagOf(key)
	for at := p.index.first(tag); ; at++ {
		place, same := p.index.at(at, tag)
		switch {
		case place < 0:
			p.index.add(at, tag, int32(len(p.keys)))
			p.keys = append(p.keys, key)
			return true
		case same && p.keys[place] == key:
			return false
		}
	}
}

// clear forgets all keys and keeps the room.
func (p *pairs[K]) clear() {
	p.index.clear()
	p.keys = p.keys[:0]
}

func (o *distinctOperator[K, T]) pairs(until int64) *pairs[K] {
	if o.last != nil && o.lastAt == until {
		return o.last
	}
	p := o.seen[until]
	if p == nil {
		p = o.newPairs()
		o.seen[until] = p
		o.due.add(until, 0, until)
	}
	o.lastAt, o.last = until, p
	return p
}

func (o *distinctOperator[K, T]) newPairs() *pairs[K] {
	if n := len(o.spare); n > 0 {
		p := o.spare[n-1]
		o.spare = o.spare[:n-1]
		return p
	}
	return newPairs[K](o.roomFor(len(o.seen)))
}

func (o *distinctOperator[K, T]) signal(s signal) error {
	switch s.Kind {
	case runtime.Watermark:
		if s.At > o.current {
			o.forget(s.At)
		}
	case runtime.Cut:
		o.keep(s.Barrier)
	case runtime.Flush, runtime.Tick, runtime.Committed, runtime.End, runtime.WatermarkStatus:
	}
	return o.base.signal(s)
}

// forget drops the pairs whose time is over.
func (o *distinctOperator[K, T]) forget(watermark int64) {
	o.current = watermark
	for until, ok := o.due.next(watermark); ok; until, ok = o.due.next(watermark) {
		p := o.seen[until]
		o.since = 0
		delete(o.seen, until)
		o.n.entries.Add(-int64(len(p.keys)))
		if len(o.spare) < spareSets && o.views.Load() == 0 {
			p.clear()
			o.spare = append(o.spare, p)
		}
	}
	o.last = nil
}

// Distinct lets the first element of each pair (key, until) pass; later ones go
// to duplicates. A pair is remembered until the operator's watermark reaches
// until (ms), so an element that comes at or after that goes to late: with
// watermarks kept, this happens only to splits that were idle.
//
// Which of several copies is the first depends on the schedule when they come by
// different splits; that one passes does not.
func Distinct[K comparable, T any](in *KeyedStream[K, T], name string, until func(*T) int64) (unique, duplicates, late *Stream[T]) {
	job := in.in.job
	n := job.plan.addNode(name, kindKeyed)
	unique = newStream[T](job, n)
	duplicates = SideOutput(unique, NewTag[T]("duplicates"))
	late = SideOutput(unique, NewTag[T]("late"))
	addKeyedExchange(in, n, func(b *builder) (input[T], error) {
		return newDistinctOperator(b, n, in, until, unique)
	})
	return unique, duplicates, late
}

// The state "pairs" of a Distinct, layout 2: a piece holds an until (int64), then keys. In
// layout 1 until came before each key.
const (
	pairsState  = "pairs"
	pairsLayout = 2
)

// distinctView is a Distinct's state as it was at a barrier: keys that were there then.
type distinctView[K comparable] struct {
	codec  Codec[K]
	untils []int64
	keys   [][]K // by until, those still to be read
	pieces *pieces
	begun  bool
	views  *atomic.Int32 // of the operator
}

func (o *distinctOperator[K, T]) keep(b *runtime.Barrier) {
	if !o.stored(b) {
		return
	}
	v := &distinctView[K]{codec: o.in.codec, untils: sortedKeys(o.seen), pieces: newPieces(o.env.config.MaxParallelism), views: &o.views}
	o.views.Add(1)
	for _, until := range v.untils {
		v.keys = append(v.keys, o.seen[until].keys)
	}
	o.keepKeyed(b, o.current, v)
}

// Append implements runtime.View.
func (v *distinctView[K]) Append(dst []byte) ([]byte, bool, error) {
	if !v.begun {
		v.begun = true
		dst = checkpoint.AppendState(checkpoint.AppendHeader(dst), checkpoint.State{Name: pairsState, Layout: pairsLayout, Key: versionOf(v.codec)})
	}
	if len(v.untils) == 0 {
		return dst, true, nil
	}
	p, n := v.pieces, 0
	p.prefix = appendInt64(p.prefix[:0], v.untils[0])
	for _, key := range v.keys[0] {
		if p.full() {
			break
		}
		p.scratch = v.codec.Append(p.scratch[:0], key)
		p.set(p.add(p.scratch))
		n++
	}
	if v.keys[0] = v.keys[0][n:]; len(v.keys[0]) == 0 {
		v.untils, v.keys = v.untils[1:], v.keys[1:]
	}
	return p.flush(dst, 0), len(v.untils) == 0, nil
}

// Drop implements runtime.View.
func (v *distinctView[K]) Drop() {
	v.untils, v.keys = nil, nil
	v.views.Add(-1)
}

func (o *distinctOperator[K, T]) restore(b *builder) (watermark int64, err error) {
	var codecs checkpoint.State // the versions that the decoder is for
	var key decoder[K]
	return restoreKeyed(b, o.node, keyedRestore{name: pairsState, layout: pairsLayout, entry: func(s checkpoint.State, data []byte) (err error) {
		if key == nil || s != codecs {
			codecs = s
			if key, err = decoderOf(o.in.codec, s.Key); err != nil {
				return err
			}
		}
		var until int64
		for head := true; len(data) > 0; head = s.Layout == 1 {
			if head {
				if until, data, err = readInt64(data); err != nil {
					return err
				}
			}
			var k K
			if k, data, err = key(data); err != nil {
				return err
			}
			added := o.pairs(until).add(k)
			invariant(added, "a pair of %s is restored twice", o.name())
			o.n.entries.Add(1)
		}
		return nil
	}})
}
