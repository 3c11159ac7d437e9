package engine

import (
	"fmt"
	"strings"

	"taxistream/engine/checkpoint"
)

// declare makes a state of the operator that s is of.
func declare[V any](s *Subtask, kind, name string, codec Codec[V], options []StateOption) *rowTable {
	switch {
	case s.keyed == nil:
		panic(fmt.Sprintf("engine: %q has no keyed state, so %s %q cannot be declared: only operators behind ProcessKeyed have", s.Operator, kind, name))
	case name == "" || strings.Contains(name, "/"):
		panic(fmt.Sprintf("engine: %s %q of %q needs a name without a slash", kind, name, s.Operator))
	case s.keyed.sealed:
		panic(fmt.Sprintf("engine: %s %q of %q is declared too late: states are declared in open", kind, name, s.Operator))
	case len(s.keyed.tables) == greatestTables:
		panic(fmt.Sprintf("engine: %q has too many states", s.Operator))
	}
	t := s.keyed.table(checkpoint.State{Name: name, Layout: 1, Key: s.keyed.keyVersion, Value: versionOf(codec)})
	if t == nil {
		panic(fmt.Sprintf("engine: two states of %q are named %q", s.Operator, name))
	}
	t.value = func(version int, src, dst []byte) ([]byte, error) { return recode(codec, version, src, dst) }
	for _, option := range options {
		option(t)
	}
	return t
}

// ValueState is one value of each key. It belongs to the operator's goroutine and works on the
// key of the element or timer at hand; so do the other states.
//
// A state does not return errors: if its backend fails, the call of the function that uses it
// ends there, and the job fails with a *StateError.
type ValueState[V any] struct {
	t     *rowTable
	codec Codec[V]
	bytes []byte // scratch
}

// NewValueState declares a value by name, the stable id of what checkpoints hold of it. Call it in open.
func NewValueState[V any](s *Subtask, name string, codec Codec[V], options ...StateOption) *ValueState[V] {
	return &ValueState[V]{t: declare(s, "value", name, codec, options), codec: codec}
}

// Get returns the key's value; ok: it has one.
func (s *ValueState[V]) Get() (v V, ok bool) {
	data, ok := s.t.get(nil)
	if !ok {
		return v, false
	}
	return decode(s.t, s.codec, data), true
}

// Set gives the key a value.
func (s *ValueState[V]) Set(v V) {
	s.bytes = s.codec.Append(s.bytes[:0], v)
	s.t.put(nil, s.bytes)
}

// Clear takes the key's value away.
func (s *ValueState[V]) Clear() { s.t.remove(nil) }

// decode reads a value that the state wrote.
func decode[V any](t *rowTable, codec Codec[V], data []byte) V {
	v, _, err := codec.Decode(data)
	t.check("decode", err)
	return v
}

// recode makes what a version of a codec wrote into what it writes now.
func recode[V any](codec Codec[V], version int, src, dst []byte) ([]byte, error) {
	if version == versionOf(codec) {
		return append(dst, src...), nil
	}
	read, err := decoderOf(codec, version)
	if err != nil {
		return nil, err
	}
	v, _, err := read(src)
	if err != nil {
		return nil, err
	}
	return codec.Append(dst, v), nil
}

// ReducingState is one value of each key into which others are folded.
type ReducingState[V any] struct {
	value  *ValueState[V]
	reduce func(a, b V) V
}

// NewReducingState declares a reducing state. reduce makes one value of two; it may return a changed.
func NewReducingState[V any](s *Subtask, name string, codec Codec[V], reduce func(a, b V) V, options ...StateOption) *ReducingState[V] {
	return &ReducingState[V]{value: NewValueState(s, name, codec, options...), reduce: reduce}
}

// Add folds a value into the key's and returns what came of it: v itself, if there was none.
func (s *ReducingState[V]) Add(v V) V {
	if had, ok := s.value.Get(); ok {
		v = s.reduce(had, v)
	}
	s.value.Set(v)
	return v
}

// Get returns what was folded; ok: there was anything.
func (s *ReducingState[V]) Get() (v V, ok bool) { return s.value.Get() }

// Clear forgets it.
func (s *ReducingState[V]) Clear() { s.value.Clear() }
