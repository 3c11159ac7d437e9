package engine

import "taxistream/engine/internal/runtime"

// distinctOperator remembers, for each until still ahead of the watermark, the
// keys that have passed.
type distinctOperator[K comparable, T any] struct {
	base
	in    *KeyedStream[K, T]
	until func(*T) int64

	unique, duplicates, late *Collector[T]

	current int64 // watermark
	seen    map[int64]map[K]struct{}
	due     dueList[int64] // the keys of seen
	lastAt  int64          // the bucket used last: neighbours in time share it
	last    map[K]struct{}
	spare   []map[K]struct{} // emptied, grown already
}

// spareSets is the number of emptied sets that are kept: windows open at one time.
const spareSets = 4

func newDistinctOperator[K comparable, T any](b *builder, n *node, in *KeyedStream[K, T], until func(*T) int64, out *Stream[T]) (input[T], error) {
	o := &distinctOperator[K, T]{base: newBase(b, n), in: in, until: until, current: NoWatermark, seen: make(map[int64]map[K]struct{})}
	main, sides, err := buildOutputs(b, &o.base, out)
	if err != nil {
		return nil, err
	}
	o.unique = main
	o.duplicates = sides["duplicates"].(*Collector[T])
	o.late = sides["late"].(*Collector[T])
	o.current, err = restoreKeyed(b, n, o.restoreEntry)
	o.n.watermark.Store(o.current)
	return o, err
}

// elements passes on what is new in the batch itself, closed up: it came by the
// operator's own exchange, so nobody shares it.
func (o *distinctOperator[K, T]) elements(batch []Element[T]) error {
	o.n.in.Add(int64(len(batch)))
	var added, late int
	for i := range batch {
		e := &batch[i]
		until := o.until(&e.Value)
		if until <= o.current {
			late++
			o.late.EmitElement(e)
			continue
		}
		keys, key := o.bucket(until), o.in.key(&e.Value)
		size := len(keys)
		keys[key] = struct{}{}
		if len(keys) == size {
			o.duplicates.EmitElement(e)
			continue
		}
		if added != i {
			batch[added] = *e
		}
		added++
	}
	o.n.entries.Add(int64(added))
	o.n.late.Add(int64(late))
	o.unique.pass(batch[:added])
	if err := o.emit(); err != nil {
		return err
	}
	return o.checkEntries()
}

func (o *distinctOperator[K, T]) bucket(until int64) map[K]struct{} {
	if o.last != nil && o.lastAt == until {
		return o.last
	}
	keys := o.seen[until]
	if keys == nil {
		keys = o.newSet()
		o.seen[until] = keys
		o.due.add(until, 0, until)
	}
	o.lastAt, o.last = until, keys
	return keys
}

func (o *distinctOperator[K, T]) newSet() map[K]struct{} {
	if n := len(o.spare); n > 0 {
		set := o.spare[n-1]
		o.spare = o.spare[:n-1]
		return set
	}
	return make(map[K]struct{}, o.roomFor(len(o.seen)))
}

func (o *distinctOperator[K, T]) signal(s signal) error {
	switch s.Kind {
	case runtime.Watermark:
		if s.At > o.current {
			o.forget(s.At)
		}
	case runtime.Cut:
		o.keep()
	case runtime.Flush, runtime.Tick, runtime.Committed, runtime.End:
	}
	return o.base.signal(s)
}

// forget drops the pairs whose time is over.
func (o *distinctOperator[K, T]) forget(watermark int64) {
	o.current = watermark
	for until, ok := o.due.next(watermark); ok; until, ok = o.due.next(watermark) {
		keys := o.seen[until]
		delete(o.seen, until)
		o.n.entries.Add(-int64(len(keys)))
		if len(o.spare) < spareSets {
			clear(keys)
			o.spare = append(o.spare, keys)
		}
	}
	o.last = nil
}

// keep writes entries of until (int64) and key.
func (o *distinctOperator[K, T]) keep() {
	s := newKeyedSnapshot(o.env.config.MaxParallelism)
	for _, until := range sortedKeys(o.seen) {
		for key := range o.seen[until] {
			s.scratch = o.in.codec.Append(s.scratch[:0], key)
			g := s.group(s.scratch)
			s.groups[g] = append(appendInt64(s.groups[g], until), s.scratch...)
		}
	}
	o.env.task.Keep(kept{o.node, s.done(o.current)})
}

func (o *distinctOperator[K, T]) restoreEntry(src []byte) ([]byte, error) {
	until, src, err := readInt64(src)
	if err != nil {
		return nil, err
	}
	key, src, err := o.in.codec.Decode(src)
	if err != nil {
		return nil, err
	}
	o.bucket(until)[key] = struct{}{}
	o.n.entries.Add(1)
	return src, nil
}
