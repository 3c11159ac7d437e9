package engine

import (
	"sync/atomic"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

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
	return p.flush(dst), len(v.untils) == 0, nil
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
