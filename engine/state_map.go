package engine

import "iter"

// MapState is a map of each key. Its entries are read and written one by one, in the order
// of their keys' bytes.
type MapState[MK, MV any] struct {
	t          *rowTable
	keys       Codec[MK]
	values     Codec[MV]
	sub, bytes []byte // scratch
}

// NewMapState declares a map. Call it in open. The codec of its keys cannot change over the
// life of a chain of checkpoints.
func NewMapState[MK, MV any](s *Subtask, name string, keys Codec[MK], values Codec[MV], options ...StateOption) *MapState[MK, MV] {
	m := &MapState[MK, MV]{t: declare(s, "map", name, values, options), keys: keys, values: values}
	m.t.as.Layout += versionOf(keys) - 1
	return m
}

func (s *MapState[MK, MV]) at(key MK) []byte {
	s.sub = s.keys.Append(s.sub[:0], key)
	return s.sub
}

// Get returns the value of an entry; ok: it is there.
func (s *MapState[MK, MV]) Get(key MK) (v MV, ok bool) {
	data, ok := s.t.get(s.at(key))
	if !ok {
		return v, false
	}
	return decode(s.t, s.values, data), true
}

// Put sets an entry.
func (s *MapState[MK, MV]) Put(key MK, v MV) {
	s.bytes = s.values.Append(s.bytes[:0], v)
	s.t.put(s.at(key), s.bytes)
}

// Delete removes an entry.
func (s *MapState[MK, MV]) Delete(key MK) { s.t.remove(s.at(key)) }

// All gives the entries in the order of their keys' bytes. The map may be changed meanwhile.
func (s *MapState[MK, MV]) All() iter.Seq2[MK, MV] {
	return func(yield func(MK, MV) bool) {
		s.t.each(nil, nil, func(sub, value []byte) bool {
			return yield(decode(s.t, s.keys, sub), decode(s.t, s.values, value))
		})
	}
}

// Clear removes all entries.
func (s *MapState[MK, MV]) Clear() { s.t.clear() }
