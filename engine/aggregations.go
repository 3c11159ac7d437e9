package engine

import (
	"encoding/binary"
	"math"
	"slices"

	"taxistream/engine/window"
)

// The usual aggregations, for Aggregate. All of them merge.

// Aggregated is the result of one of them for a key and window.
type Aggregated[K comparable, V any] struct {
	Key    K
	Window window.Window
	Value  V
}

// Number is what can be summed up. Sums of floating-point numbers depend on the order of the
// elements in their last digits.
type Number interface{ int64 | float64 }

// numberCodec encodes a number in eight bytes.
type numberCodec[N Number] struct{}

// Append implements Codec.
func (numberCodec[N]) Append(dst []byte, v N) []byte {
	if f, ok := any(v).(float64); ok {
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(f))
	}
	return binary.BigEndian.AppendUint64(dst, uint64(v))
}

// Decode implements Codec.
func (numberCodec[N]) Decode(src []byte) (v N, rest []byte, err error) {
	bits, rest, err := Uint64Codec{}.Decode(src)
	if p, ok := any(&v).(*float64); ok {
		*p = math.Float64frombits(bits)
		return v, rest, err
	}
	return N(int64(bits)), rest, err
}

// aggregated makes an aggregation whose accumulator is folded and read by add and value.
func aggregated[K comparable, T, A, V any](codec Codec[A], add func(acc *A, v *T), merge func(into, from *A), value func(acc *A) V) Aggregation[K, T, A, Aggregated[K, V]] {
	return Aggregation[K, T, A, Aggregated[K, V]]{
		Add: func(acc *A, e *Element[T]) { add(acc, &e.Value) }, Merge: merge, Codec: codec,
		Result: func(key K, w window.Window, acc *A) (Aggregated[K, V], bool) {
			return Aggregated[K, V]{Key: key, Window: w, Value: value(acc)}, true
		},
	}
}

// Count counts elements.
func Count[K comparable, T any]() Aggregation[K, T, int64, Aggregated[K, int64]] {
	return aggregated[K](Int64Codec{}, func(n *int64, _ *T) { *n++ }, func(into, from *int64) { *into += *from }, func(n *int64) int64 { return *n })
}

// Sum adds up what value makes of each element.
func Sum[K comparable, T any, N Number](value func(*T) N) Aggregation[K, T, N, Aggregated[K, N]] {
	return aggregated[K](numberCodec[N]{}, func(sum *N, v *T) { *sum += value(v) }, func(into, from *N) { *into += *from }, func(sum *N) N { return *sum })
}

// Average is the accumulator of Mean.
type Average[N Number] struct {
	Sum   N
	Count int64
}

// Mean is the mean of what value makes of each element.
func Mean[K comparable, T any, N Number](value func(*T) N) Aggregation[K, T, Average[N], Aggregated[K, float64]] {
	codec := FuncCodec[Average[N]]{
		AppendFunc: func(dst []byte, a Average[N]) []byte {
			return Int64Codec{}.Append(numberCodec[N]{}.Append(dst, a.Sum), a.Count)
		},
		DecodeFunc: func(src []byte) (a Average[N], _ []byte, err error) {
			if a.Sum, src, err = (numberCodec[N]{}).Decode(src); err == nil {
				a.Count, src, err = Int64Codec{}.Decode(src)
			}
			return a, src, err
		},
	}
	return aggregated[K](codec, func(a *Average[N], v *T) { a.Sum += value(v); a.Count++ },
		func(into, from *Average[N]) { into.Sum += from.Sum; into.Count += from.Count },
		func(a *Average[N]) float64 { return float64(a.Sum) / float64(max(a.Count, 1)) })
}

// Extreme is the accumulator of Min and Max: the value so far, if there is any.
type Extreme[N Number] struct {
	Value N
	Any   bool
}

// Min is the least of what value makes of each element.
func Min[K comparable, T any, N Number](value func(*T) N) Aggregation[K, T, Extreme[N], Aggregated[K, N]] {
	return extreme[K](value, func(a, b N) bool { return a < b })
}

// Max is the greatest of what value makes of each element.
func Max[K comparable, T any, N Number](value func(*T) N) Aggregation[K, T, Extreme[N], Aggregated[K, N]] {
	return extreme[K](value, func(a, b N) bool { return a > b })
}

func extreme[K comparable, T any, N Number](value func(*T) N, better func(a, b N) bool) Aggregation[K, T, Extreme[N], Aggregated[K, N]] {
	codec := FuncCodec[Extreme[N]]{
		AppendFunc: func(dst []byte, x Extreme[N]) []byte {
			return append(numberCodec[N]{}.Append(dst, x.Value), firedByte(x.Any))
		},
		DecodeFunc: func(src []byte) (x Extreme[N], rest []byte, err error) {
			if x.Value, src, err = (numberCodec[N]{}).Decode(src); err == nil && len(src) == 0 {
				err = errShort
			}
			if err != nil {
				return x, nil, err
			}
			x.Any = src[0] == 1
			return x, src[1:], nil
		},
	}
	take := func(x *Extreme[N], v N) {
		if !x.Any || better(v, x.Value) {
			*x = Extreme[N]{Value: v, Any: true}
		}
	}
	return aggregated[K](codec, func(x *Extreme[N], v *T) { take(x, value(v)) },
		func(into, from *Extreme[N]) {
			if from.Any {
				take(into, from.Value)
			}
		},
		func(x *Extreme[N]) N { return x.Value })
}

// TopK keeps the k elements that compare puts last, the last of all first: compare is negative
// where a comes before b, as cmp.Compare. Where it calls elements equal, which of them are kept is any;
// so that results depend on the elements alone, it should not.
func TopK[K comparable, T any](k int, compare func(a, b T) int, codec Codec[T]) Aggregation[K, T, []T, Aggregated[K, []T]] {
	lists := FuncCodec[[]T]{
		AppendFunc: func(dst []byte, list []T) []byte {
			dst = binary.AppendUvarint(dst, uint64(len(list)))
			for _, v := range list {
				dst = codec.Append(dst, v)
			}
			return dst
		},
		DecodeFunc: func(src []byte) (list []T, _ []byte, err error) {
			n, size := binary.Uvarint(src)
			if size <= 0 {
				return nil, nil, errShort
			}
			src = src[size:]
			for range n {
				var v T
				if v, src, err = codec.Decode(src); err != nil {
					return nil, nil, err
				}
				list = append(list, v)
			}
			return list, src, nil
		},
	}
	take := func(list *[]T, v T) {
		at, _ := slices.BinarySearchFunc(*list, v, func(have, v T) int { return compare(v, have) })
		if at < k {
			*list = slices.Insert(*list, at, v)
			*list = (*list)[:min(len(*list), k)]
		}
	}
	return aggregated[K](lists, func(list *[]T, v *T) { take(list, *v) },
		func(into, from *[]T) {
			for _, v := range *from {
				take(into, v)
			}
		},
		func(list *[]T) []T { return slices.Clone(*list) })
}
