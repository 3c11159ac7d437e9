package engine

import (
	"encoding/binary"
	"errors"
	"fmt"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
	"taxistream/engine/state"
)

// pieces gathers encoded keys by key group and hands them out as entries of a state file:
// each begins with a prefix, common to all keys in it.
type pieces struct {
	prefix  []byte
	buffers [][]byte // by group
	size    int
	scratch []byte
}

// pieceSize is the number of bytes from which pieces are handed out.
const pieceSize = 1 << 18

func newPieces(groups int) *pieces { return &pieces{buffers: make([][]byte, groups)} }

// add appends an encoded key; the caller appends what belongs to it to the result and
// stores that by set.
func (p *pieces) add(key []byte) (group int, dst []byte) {
	group = state.Group(key, len(p.buffers))
	dst = p.buffers[group]
	if len(dst) == 0 {
		dst = append(dst, p.prefix...)
	}
	return group, append(dst, key...)
}

func (p *pieces) set(group int, dst []byte) {
	p.size += len(dst) - len(p.buffers[group])
	p.buffers[group] = dst
}

// full tells whether it is time to hand pieces out.
func (p *pieces) full() bool { return p.size >= pieceSize }

// flush appends all pieces to a state file, as entries of its state of that number.
func (p *pieces) flush(dst []byte, number int) []byte {
	for group, data := range p.buffers {
		if len(data) > 0 {
			dst = checkpoint.AppendEntry(dst, number, group, data)
			p.buffers[group] = data[:0]
		}
	}
	p.size = 0
	return dst
}

// keepKeyed keeps a keyed operator's state, and beside it the operator's watermark, so
// that what was late before a restart is late after it.
func (b *base) keepKeyed(barrier *runtime.Barrier, watermark int64, view runtime.View) {
	first, end := state.Range(b.env.subtask, b.env.config.MaxParallelism, b.env.parallelism)
	b.env.task.Keep(runtime.Part{
		Operator: b.name(), Subtask: b.env.subtask, Watermark: &watermark, First: first, End: end, View: view, Since: b.since,
	})
	if b.since == 0 {
		b.since = barrier.ID
	}
}

// stored tells whether what is kept goes anywhere.
func (b *base) stored(barrier *runtime.Barrier) bool { return barrier.Writer != nil }

// keepList keeps state that belongs to no key.
func (b *base) keepList(name string, list [][]byte) {
	data := checkpoint.AppendState(checkpoint.AppendHeader(nil), checkpoint.State{Name: name, Layout: 1})
	for _, item := range list {
		data = checkpoint.AppendEntry(data, 0, -1, item)
	}
	b.env.task.Keep(runtime.Part{Operator: b.name(), Subtask: b.env.subtask, View: runtime.Bytes(data)})
}

// keyedRestore reads the state of one subtask of a keyed operator. name and layout are
// those that the operator writes; layout 1 is that of the legacy state without name.
type keyedRestore struct {
	name   string
	layout int
	// known, if not nil, stands for name and layout: the newest layout of each state.
	known func(name string) (layout int, ok bool)
	// entry reads one piece whose layout and codecs' versions are those of state.
	entry func(s checkpoint.State, data []byte) error
}

// newest is the layout that the operator writes.
func (r *keyedRestore) newest(name string) (layout int, ok bool) {
	if r.known != nil {
		return r.known(name)
	}
	return r.layout, name == r.name || name == ""
}

// restoreKeyed calls r.entry with every piece of the subtask's groups, and returns the
// operator's watermark.
func restoreKeyed(b *builder, n *node, r keyedRestore) (watermark int64, err error) {
	watermark = NoWatermark
	if b.a.from == nil {
		return watermark, nil
	}
	if w := b.a.from.c.Operators[n.name].Watermark; w != nil {
		watermark = *w
	}
	first, end := state.Range(b.subtask, b.a.config.MaxParallelism, b.parallelism)
	if runtime.Is(runtime.GroupTwice) {
		end = min(end+1, b.a.config.MaxParallelism)
	}
	mine := func(f checkpoint.File) bool { return f.End == 0 || f.First < end && first < f.End }
	err = b.a.from.c.States(n.name, mine, func(e checkpoint.Entry) error {
		layout, known := r.newest(e.State.Name)
		switch {
		case !known:
			return b.a.from.incompatible("%q has a state %q that this program does not know", n.name, e.State.Name)
		case e.State.Layout < 1 || e.State.Layout > layout:
			return b.a.from.incompatible("state %q of %q has layout %d, this program reads 1 to %d", e.State.Name, n.name, e.State.Layout, layout)
		case e.Group < 0 && len(e.Data) == 8: // the watermark, in version 1
			watermark = max(watermark, int64(binary.BigEndian.Uint64(e.Data)))
			return nil
		case e.Group < first || e.Group >= end:
			return nil
		}
		if err := r.entry(e.State, e.Data); err != nil {
			var refused *IncompatibleError
			if errors.As(err, &refused) {
				return err
			}
			return b.a.from.incompatible("key group %d of %q: %v", e.Group, n.name, err)
		}
		return nil
	})
	return watermark, err
}

// restoreValues is restoreKeyed for a state whose pieces are keys and values by codecs: one reads a key with
// what belongs to it, and gives the rest.
func restoreValues[K, A any](b *builder, n *node, name string, layout int, keys Codec[K], values Codec[A], one func(data []byte, key decoder[K], value decoder[A]) ([]byte, error)) (watermark int64, err error) {
	return restoreKeyed(b, n, keyedRestore{name: name, layout: layout, entry: func(s checkpoint.State, data []byte) error {
		key, err := decoderOf(keys, s.Key)
		if err != nil {
			return err
		}
		value, err := decoderOf(values, s.Value)
		if err != nil {
			return err
		}
		for len(data) > 0 {
			if data, err = one(data, key, value); err != nil {
				return err
			}
		}
		return nil
	}})
}

// readInt64 reads one value written by appendInt64.
func readInt64(src []byte) (int64, []byte, error) {
	if len(src) < 8 {
		return 0, nil, fmt.Errorf("read a number: %w", errShort)
	}
	return int64(binary.BigEndian.Uint64(src)), src[8:], nil
}

func appendInt64(dst []byte, v int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(v)) }

// greatestRoom is the most that is given to a new window before its first element.
const greatestRoom = 1 << 13

// roomFor is the room to give to a new window's state: twice what each of the open
// ones, which still fill, holds on average. So a stream of many small windows gets little.
func (b *base) roomFor(open int) int {
	return min(2*int(b.n.entries.Load())/max(open, 1), greatestRoom)
}

// checkEntries fails an operator whose state has outgrown its limit.
func (b *base) checkEntries() error {
	entries, limit := b.n.entries.Load(), int64(b.env.config.MaxStateEntries)
	if limit >= 0 && entries > limit {
		return &StateLimitError{Entries: entries, Limit: limit, Watermark: b.n.watermark.Load()}
	}
	return nil
}
