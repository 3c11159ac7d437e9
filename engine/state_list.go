package engine

import (
	"encoding/binary"
	"iter"
)

// ListState is a list of values of each key. To append costs the same however long it is.
type ListState[V any] struct {
	t     *rowTable
	codec Codec[V]
	bytes []byte // scratch
	sub   [8]byte
}

// A list's elements are rows by their number; the row without number is that of the next.

// NewListState declares a list. Call it in open.
func NewListState[V any](s *Subtask, name string, codec Codec[V], options ...StateOption) *ListState[V] {
	l := &ListState[V]{t: declare(s, "list", name, codec, options), codec: codec}
	element := l.t.value
	l.t.value = func(version int, src, dst []byte) ([]byte, error) {
		if len(src) > 0 && src[0] == listNext {
			return append(dst, src...), nil
		}
		return element(version, src[1:], append(dst, listElement))
	}
	return l
}

// What a row of a list begins with.
const (
	listNext    = 'n'
	listElement = 'e'
)

// Append adds values at the end.
func (s *ListState[V]) Append(values ...V) {
	var next uint64
	if data, ok := s.t.get(nil); ok {
		next = binary.BigEndian.Uint64(data[1:])
	}
	for _, v := range values {
		binary.BigEndian.PutUint64(s.sub[:], next)
		s.bytes = s.codec.Append(append(s.bytes[:0], listElement), v)
		s.t.put(s.sub[:], s.bytes)
		next++
	}
	s.t.put(nil, binary.BigEndian.AppendUint64([]byte{listNext}, next))
}

// All gives the values in the order in which they were added. The list may be changed meanwhile.
func (s *ListState[V]) All() iter.Seq[V] {
	return func(yield func(V) bool) {
		s.t.each(make([]byte, 8), nil, func(_, value []byte) bool {
			return yield(decode(s.t, s.codec, value[1:]))
		})
	}
}

// Set makes values the whole list.
func (s *ListState[V]) Set(values ...V) {
	s.Clear()
	if len(values) > 0 {
		s.Append(values...)
	}
}

// Clear removes all of it.
func (s *ListState[V]) Clear() { s.t.clear() }
