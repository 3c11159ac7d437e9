package engine

import (
	"encoding/binary"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

// The state "slices" of an operator over sliding windows, layout 1: a piece holds keys, each
// with the number of its slices (uvarint) and, of each, its start and its length (int64
// each) and the accumulator.
const (
	slicesState  = "slices"
	slicesLayout = 1
)

func (o *slidingOperator[K, T, A, R]) keep(b *runtime.Barrier) {
	if !o.stored(b) {
		return
	}
	s := checkpoint.State{Name: slicesState, Layout: slicesLayout, Key: versionOf(o.in.codec), Value: versionOf(o.agg.Codec)}
	o.keepKeyed(b, o.current, o.state.freeze(s, o.env.config.MaxParallelism, o.in.codec, func(dst []byte, k *keySlices[A]) []byte {
		dst = binary.AppendUvarint(dst, uint64(len(*k)))
		for i := range *k {
			dst = appendInt64(appendInt64(dst, (*k)[i].start), o.grid.length)
			dst = o.agg.Codec.Append(dst, (*k)[i].acc)
		}
		return dst
	}))
}

func (o *slidingOperator[K, T, A, R]) restore(b *builder) (watermark int64, err error) {
	return restoreValues(b, o.node, slicesState, slicesLayout, o.in.codec, o.agg.Codec, func(data []byte, key decoder[K], acc decoder[A]) ([]byte, error) {
		return o.restoreKey(b, data, key, acc)
	})
}

func (o *slidingOperator[K, T, A, R]) restoreKey(b *builder, data []byte, key decoder[K], acc decoder[A]) ([]byte, error) {
	k, data, err := key(data)
	if err != nil {
		return nil, err
	}
	n, data, err := readUvarint(data)
	if err != nil {
		return nil, err
	}
	for range n {
		var start, length int64
		if start, data, err = readInt64(data); err != nil {
			return nil, err
		}
		if length, data, err = readInt64(data); err != nil {
			return nil, err
		}
		if length != o.grid.length || o.grid.slice(start) != start {
			return nil, b.a.from.incompatible("%q has slices of %d ms, this program's windows are cut into slices of %d ms", o.name(), length, o.grid.length)
		}
		var a A
		if a, data, err = acc(data); err != nil {
			return nil, err
		}
		*o.acc(o.state.get(k), start) = a
	}
	return data, nil
}
