package engine

import (
	"encoding/binary"

	"taxistream/engine/checkpoint"
)

// joinSide is one side of a join, and the input that its port calls: its elements wait, by
// key, for those of the other side.
type joinSide[K comparable, T any] struct {
	core    *keyedCore[K]
	key     func(*T) K
	take    func(e *Element[T]) error
	codec   Codec[T]
	rows    *rowTable
	late    *Collector[T]
	current *Element[T] // the element at work
	bytes   []byte      // scratch
	encoded []byte      // scratch
}

func (s *joinSide[K, T]) name() string           { return s.core.name() }
func (s *joinSide[K, T]) signal(sg signal) error { return s.core.signal(sg) }

func (s *joinSide[K, T]) element() string { return s.current.print() }

func (s *joinSide[K, T]) elements(batch []Element[T]) (err error) {
	defer contain(&err)
	s.core.n.in.Add(int64(len(batch)))
	s.core.since = 0
	for i := range batch {
		s.current = &batch[i]
		s.core.setKey(s.key(&s.current.Value))
		if err := s.take(s.current); err != nil {
			return err
		}
	}
	s.current = nil
	if err := s.core.emit(); err != nil {
		return err
	}
	return s.core.checkEntries()
}

// tooLate hands an element that nothing waits for any more to the side's late output.
func (s *joinSide[K, T]) tooLate(e *Element[T]) {
	s.core.n.late.Add(1)
	s.late.EmitElement(e)
}

// A row of a side holds the elements of one key and event time (of a window join, of one
// window, too): each with its length before it. Its sub ends with the event time.

// add keeps an element. fresh: it is the first of its row.
func (s *joinSide[K, T]) add(sub []byte, v T) (fresh bool) {
	had, ok := s.rows.get(sub)
	s.bytes = append(s.bytes[:0], had...)
	s.encoded = s.codec.Append(s.encoded[:0], v)
	s.bytes = append(binary.AppendUvarint(s.bytes, uint64(len(s.encoded))), s.encoded...)
	s.rows.put(sub, s.bytes)
	return !ok
}

// each calls f with the elements of the current key's rows from from included to end excluded.
func (s *joinSide[K, T]) each(from, end []byte, f func(sub []byte, e *Element[T])) {
	s.rows.each(from, end, func(sub, data []byte) bool {
		e := Element[T]{EventTime: timeOf(sub[len(sub)-8:])}
		for len(data) > 0 {
			value, rest, err := readBytes(data)
			s.rows.check("decode", err)
			e.Value = decode(s.rows, s.codec, value)
			f(sub, &e)
			data = rest
		}
		return true
	})
}

// drop removes the current key's rows from from included to end excluded.
func (s *joinSide[K, T]) drop(from, end []byte) {
	s.rows.each(from, end, func(sub, _ []byte) bool {
		s.rows.remove(sub)
		return true
	})
}

// newJoinSide declares a side's table.
func newJoinSide[K comparable, T any](s *Subtask, core *keyedCore[K], name string, in *KeyedStream[K, T], codec Codec[T]) *joinSide[K, T] {
	side := &joinSide[K, T]{core: core, key: in.key, codec: codec, late: SideCollector(s, NewTag[T](name+"-late"))}
	side.rows = s.keyed.table(checkpoint.State{Name: name, Layout: 1, Key: s.keyed.keyVersion, Value: versionOf(codec)})
	side.rows.value = func(version int, src, dst []byte) ([]byte, error) {
		for len(src) > 0 {
			old, rest, err := readBytes(src)
			if err != nil {
				return nil, err
			}
			encoded, err := recode(codec, version, old, nil)
			if err != nil {
				return nil, err
			}
			dst = append(binary.AppendUvarint(dst, uint64(len(encoded))), encoded...)
			src = rest
		}
		return dst, nil
	}
	return side
}

// appendTime adds a time in 8 bytes that are in its order.
func appendTime(dst []byte, t int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(t)^1<<63)
}

// timeOf reads it.
func timeOf(src []byte) int64 { return int64(binary.BigEndian.Uint64(src) ^ 1<<63) }

// joinNode adds the node of a join and its outputs.
func joinNode[K comparable, L, R, O any](left *KeyedStream[K, L], right *KeyedStream[K, R], name string) (n *node, results *Stream[O], leftLate *Stream[L], rightLate *Stream[R]) {
	job := left.in.job
	n = job.plan.addNode(name, kindKeyed)
	results = newStream[O](job, n)
	return n, results, SideOutput(results, NewTag[L]("left-late")), SideOutput(results, NewTag[R]("right-late"))
}

// joinSides is a join while it is made.
type joinSides[K comparable, L, R, O any] struct {
	core    *keyedCore[K]
	results *Collector[O]
	left    *joinSide[K, L]
	right   *joinSide[K, R]
}

// newJoin makes the operator of one subtask up to its state; prepare sets what its sides and timers do.
func newJoin[K comparable, L, R, O any](b *builder, n *node, out *Stream[O], left *KeyedStream[K, L], right *KeyedStream[K, R], leftCodec Codec[L], rightCodec Codec[R], prepare func(*joinSides[K, L, R, O])) (joinCore, input[L], input[R], error) {
	core := &keyedCore[K]{}
	core.begin(b, n, left.codec)
	results, sides, err := buildOutputs(b, &core.base, out)
	if err != nil {
		return nil, nil, nil, err
	}
	j := &joinSides[K, L, R, O]{core: core, results: results}
	err = core.open(b, sides, func(s *Subtask) error {
		j.left = newJoinSide(s, core, "left", left, leftCodec)
		j.right = newJoinSide(s, core, "right", right, rightCodec)
		prepare(j)
		return nil
	})
	return core, j.left, j.right, err
}
