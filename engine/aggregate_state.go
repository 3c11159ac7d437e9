package engine

import (
	"errors"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
	"taxistream/engine/window"
)

// The state "panes" of an aggregate, layout 2: a piece holds a window's start and end
// (int64 each), whether it has fired (a byte), then keys with their accumulators. In
// layout 1 start, end and fired came before each key.
const (
	panesState  = "panes"
	panesLayout = 2
)

// aggregateView is an aggregate's state as it was at a barrier.
type aggregateView[K comparable, A any] struct {
	keys   Codec[K]
	accs   Codec[A]
	panes  []*frozenPane[K, A] // still to be read
	all    []*frozenPane[K, A]
	pieces *pieces
	begun  bool
}

func (o *aggregateOperator[K, T, A, R]) keep(b *runtime.Barrier) {
	if !o.stored(b) {
		return
	}
	v := &aggregateView[K, A]{keys: o.in.codec, accs: o.agg.Codec, pieces: newPieces(o.env.config.MaxParallelism)}
	for _, p := range o.open {
		v.panes = append(v.panes, p.freeze(o.clone))
	}
	sortPanes(v.panes)
	v.all = v.panes
	o.keepKeyed(b, o.current, v)
}

// Append implements runtime.View.
func (v *aggregateView[K, A]) Append(dst []byte) ([]byte, bool, error) {
	if !v.begun {
		v.begun = true
		dst = checkpoint.AppendState(checkpoint.AppendHeader(dst), checkpoint.State{
			Name: panesState, Layout: panesLayout, Key: versionOf(v.keys), Value: versionOf(v.accs),
		})
	}
	for len(v.panes) > 0 && !v.pieces.full() {
		p := v.panes[0]
		v.pieces.prefix = append(appendInt64(appendInt64(v.pieces.prefix[:0], p.window.Start), p.window.End), firedByte(p.fired))
		if p.next(v.encode) {
			p.over.Store(true)
			v.panes = v.panes[1:]
			return v.pieces.flush(dst, 0), len(v.panes) == 0, nil
		}
	}
	return v.pieces.flush(dst, 0), len(v.panes) == 0, nil
}

func (v *aggregateView[K, A]) encode(slots []slot[K, A]) {
	p := v.pieces
	for i := range slots {
		p.scratch = v.keys.Append(p.scratch[:0], slots[i].key)
		group, dst := p.add(p.scratch)
		p.set(group, v.accs.Append(dst, slots[i].acc))
	}
}

// Drop implements runtime.View.
func (v *aggregateView[K, A]) Drop() {
	for _, p := range v.all {
		p.over.Store(true)
	}
}

func firedByte(fired bool) byte {
	if fired {
		return 1
	}
	return 0
}

func (o *aggregateOperator[K, T, A, R]) restore(b *builder) (watermark int64, err error) {
	var codecs checkpoint.State // the versions that the decoders are for
	var key decoder[K]
	var acc decoder[A]
	return restoreKeyed(b, o.node, keyedRestore{name: panesState, layout: panesLayout, entry: func(s checkpoint.State, data []byte) (err error) {
		if key == nil || s != codecs {
			codecs = s
			if key, err = decoderOf(o.in.codec, s.Key); err != nil {
				return err
			}
			if acc, err = decoderOf(o.agg.Codec, s.Value); err != nil {
				return err
			}
		}
		for head := true; len(data) > 0; head = s.Layout == 1 {
			if data, err = o.restoreEntry(data, head, key, acc); err != nil {
				return err
			}
		}
		return nil
	}})
}

// restoreEntry reads one key, and before it, with head, the window that it and those
// behind it belong to.
func (o *aggregateOperator[K, T, A, R]) restoreEntry(src []byte, head bool, key decoder[K], acc decoder[A]) (_ []byte, err error) {
	if head {
		var w window.Window
		if w.Start, src, err = readInt64(src); err != nil {
			return nil, err
		}
		if w.End, src, err = readInt64(src); err != nil {
			return nil, err
		}
		if w.End <= w.Start || len(src) == 0 || src[0] > 1 {
			return nil, errors.New("a window's entry is not valid")
		}
		p := o.pane(w)
		p.fired = src[0] == 1
		src = src[1:]
	}
	k, src, err := key(src)
	if err != nil {
		return nil, err
	}
	a, src, err := acc(src)
	if err != nil {
		return nil, err
	}
	p := o.last
	size := len(p.slots)
	p.slots[p.slot(k)].acc = a
	invariant(len(p.slots) > size, "a key of %s is restored twice", o.name())
	o.n.entries.Add(1)
	return src, nil
}
