package engine

import (
	"errors"

	"taxistream/engine/window"
)

// keep writes entries of start, end (int64 each), fired (a byte), key and accumulator.
func (o *aggregateOperator[K, T, A, R]) keep() {
	s := newKeyedSnapshot(o.env.config.MaxParallelism)
	for _, w := range sortedWindows(o.open) {
		p := o.open[w]
		for i := range p.slots {
			s.scratch = o.in.codec.Append(s.scratch[:0], p.slots[i].key)
			g := s.group(s.scratch)
			dst := appendInt64(appendInt64(s.groups[g], w.Start), w.End)
			dst = append(dst, firedByte(p.fired))
			dst = append(dst, s.scratch...)
			s.groups[g] = o.agg.Codec.Append(dst, p.slots[i].acc)
		}
	}
	o.env.task.Keep(kept{o.node, s.done(o.current)})
}

func firedByte(fired bool) byte {
	if fired {
		return 1
	}
	return 0
}

func (o *aggregateOperator[K, T, A, R]) restoreEntry(src []byte) ([]byte, error) {
	start, src, err := readInt64(src)
	if err != nil {
		return nil, err
	}
	end, src, err := readInt64(src)
	if err != nil {
		return nil, err
	}
	if end <= start || len(src) == 0 || src[0] > 1 {
		return nil, errors.New("a window's entry has no sense")
	}
	fired := src[0] == 1
	key, src, err := o.in.codec.Decode(src[1:])
	if err != nil {
		return nil, err
	}
	acc, src, err := o.agg.Codec.Decode(src)
	if err != nil {
		return nil, err
	}
	p := o.pane(window.Window{Start: start, End: end})
	p.fired = fired
	p.slots[p.slot(key)].acc = acc
	o.n.entries.Add(1)
	return src, nil
}
