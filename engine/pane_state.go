package engine

import (
	"encoding/binary"
	"errors"
	"slices"

	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

// keyWindow is what an operator with triggers holds of one key and window.
//
// Invariant: byEvent and byClock are the times by which the operator's due lists have it,
// Never: they do not.
type keyWindow[A any] struct {
	window  window.Window
	acc     A
	filled  bool  // acc holds something
	panes   int64 // emitted so far
	closed  bool  // one of them was on time or late
	fresh   bool  // something has come since the last
	numbers []int64

	byEvent, byClock int64
}

func newKeyWindow[A any](w window.Window, t trigger.Trigger) keyWindow[A] {
	return keyWindow[A]{window: w, numbers: make([]int64, t.Numbers()), byEvent: trigger.Never, byClock: trigger.Never}
}

// keyWindows are those of one key, in the order of their making.
type keyWindows[A any] []keyWindow[A]

func (k keyWindows[A]) find(w window.Window) *keyWindow[A] {
	for i := range k {
		if k[i].window == w {
			return &k[i]
		}
	}
	return nil
}

func (k *keyWindows[A]) remove(w window.Window) {
	*k = slices.DeleteFunc(*k, func(e keyWindow[A]) bool { return e.window == w })
}

// The state "windows" of an operator with triggers, layout 1: a piece holds keys, each with
// the number of its windows (uvarint) and, of each, start and end (int64), flags (a byte:
// 1 filled, 2 closed, 4 fresh), panes (uvarint), the trigger's numbers with their count before them
// (uvarint, varints) and, if filled, the accumulator.
const (
	windowsState  = "windows"
	windowsLayout = 1
)

const (
	flagFilled = 1
	flagClosed = 2
	flagFresh  = 4
)

func (k keyWindows[A]) append(dst []byte, acc Codec[A]) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(k)))
	for i := range k {
		e := &k[i]
		var flags byte
		if e.filled {
			flags |= flagFilled
		}
		if e.closed {
			flags |= flagClosed
		}
		if e.fresh {
			flags |= flagFresh
		}
		dst = append(appendInt64(appendInt64(dst, e.window.Start), e.window.End), flags)
		dst = binary.AppendUvarint(dst, uint64(e.panes))
		dst = binary.AppendUvarint(dst, uint64(len(e.numbers)))
		for _, n := range e.numbers {
			dst = binary.AppendVarint(dst, n)
		}
		if e.filled {
			dst = acc.Append(dst, e.acc)
		}
	}
	return dst
}

var errWindow = errors.New("a window's entry is not valid")

// readKeyWindows reads one key's windows.
func readKeyWindows[A any](src []byte, t trigger.Trigger, acc decoder[A]) (k keyWindows[A], rest []byte, err error) {
	count, src, err := readUvarint(src)
	if err != nil || count > uint64(len(src)) {
		return nil, nil, errWindow
	}
	for range count {
		e := newKeyWindow[A](window.Window{}, t)
		if src, err = e.read(src); err != nil {
			return nil, nil, err
		}
		if e.filled {
			if e.acc, src, err = acc(src); err != nil {
				return nil, nil, err
			}
		}
		k = append(k, e)
	}
	return k, src, nil
}

// read reads all but the accumulator.
func (e *keyWindow[A]) read(src []byte) (_ []byte, err error) {
	if e.window.Start, src, err = readInt64(src); err != nil {
		return nil, err
	}
	if e.window.End, src, err = readInt64(src); err != nil {
		return nil, err
	}
	if e.window.End <= e.window.Start || len(src) == 0 || src[0] > flagFilled|flagClosed|flagFresh {
		return nil, errWindow
	}
	e.filled, e.closed, e.fresh = src[0]&flagFilled != 0, src[0]&flagClosed != 0, src[0]&flagFresh != 0
	panes, src, err := readUvarint(src[1:])
	if err != nil {
		return nil, err
	}
	e.panes = int64(panes)
	n, src, err := readUvarint(src)
	if err != nil {
		return nil, err
	}
	if n != uint64(len(e.numbers)) {
		return nil, errors.New("its trigger was another one")
	}
	for i := range e.numbers {
		v, size := binary.Varint(src)
		if size <= 0 {
			return nil, errShort
		}
		e.numbers[i], src = v, src[size:]
	}
	return src, nil
}

func readUvarint(src []byte) (uint64, []byte, error) {
	v, size := binary.Uvarint(src)
	if size <= 0 {
		return 0, nil, errShort
	}
	return v, src[size:], nil
}
