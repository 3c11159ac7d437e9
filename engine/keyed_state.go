package engine

import (
	"encoding/binary"
	"fmt"

	"taxistream/engine/checkpoint"
	"taxistream/engine/state"
)

// keyedSnapshot gathers the entries of a keyed operator by key group.
type keyedSnapshot struct {
	groups  map[int][]byte
	count   int // key groups of the job
	scratch []byte
}

func newKeyedSnapshot(groups int) *keyedSnapshot {
	return &keyedSnapshot{groups: make(map[int][]byte), count: groups}
}

// group is the bytes so far of the group of an encoded key; the caller stores them back.
func (s *keyedSnapshot) group(key []byte) int { return state.Group(key, s.count) }

// done makes the operator's state. Beside the groups it holds the operator's
// watermark, so that what was late before a restart is late after it.
func (s *keyedSnapshot) done(watermark int64) checkpoint.OperatorState {
	return checkpoint.OperatorState{
		Groups: s.groups,
		List:   [][]byte{binary.BigEndian.AppendUint64(nil, uint64(watermark))},
	}
}

// restoreKeyed calls decode with the bytes of every group of the subtask, which it
// must read to their end, and returns the operator's watermark.
func restoreKeyed(b *builder, n *node, decode func(src []byte) (rest []byte, err error)) (watermark int64, err error) {
	watermark = NoWatermark
	s, ok := b.a.from.state(n)
	if !ok {
		return watermark, nil
	}
	for _, w := range s.List {
		if len(w) != 8 {
			return 0, b.a.from.incompatible("the watermark of %q has %d bytes instead of 8", n.name, len(w))
		}
		watermark = max(watermark, int64(binary.BigEndian.Uint64(w)))
	}
	first, end := state.Range(b.subtask, b.a.config.MaxParallelism, b.parallelism)
	for group := first; group < end; group++ {
		src := s.Groups[group]
		for len(src) > 0 {
			if src, err = decode(src); err != nil {
				return 0, b.a.from.incompatible("key group %d of %q: %v", group, n.name, err)
			}
		}
	}
	return watermark, nil
}

// readInt64 reads one value written by appendInt64.
func readInt64(src []byte) (int64, []byte, error) {
	if len(src) < 8 {
		return 0, nil, fmt.Errorf("read a number: %w", errShort)
	}
	return int64(binary.BigEndian.Uint64(src)), src[8:], nil
}

func appendInt64(dst []byte, v int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(v)) }
