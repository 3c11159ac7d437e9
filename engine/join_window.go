package engine

import (
	"errors"

	"taxistream/engine/window"
)

// JoinWindows pairs the elements of two streams that have the same key and lie in the same
// window. The pairs of a window are made when the watermark of both streams reaches its end less 1 ms: join
// makes a result of each, at that time, or reports that there is none. The keys' codecs must
// give a key the same bytes. An element all of whose windows are over goes to its stream's late output.
//
// All pairs of a key and window are emitted at once: a key that has many elements on both
// sides of one window makes their product.
func JoinWindows[K comparable, L, R, O any](left *KeyedStream[K, L], right *KeyedStream[K, R], name string, windows window.Assigner, leftCodec Codec[L], rightCodec Codec[R], join func(w window.Window, l *Element[L], r *Element[R]) (O, bool)) (results *Stream[O], leftLate *Stream[L], rightLate *Stream[R]) {
	n, results, leftLate, rightLate := joinNode[K, L, R, O](left, right, name)
	if err := checkJoinWindows(windows); err != nil {
		left.in.job.plan.fail("%q: %v", name, err)
	}
	addJoin(left, right, n, func(b *builder) (joinCore, input[L], input[R], error) {
		return newJoin(b, n, results, left, right, leftCodec, rightCodec, func(j *joinSides[K, L, R, O]) {
			prepareWindows(j, windows, join)
		})
	})
	return results, leftLate, rightLate
}

func checkJoinWindows(w window.Assigner) error {
	switch w.(type) {
	case window.TumblingWindows, window.SlidingWindows:
		return nil
	case window.Merging, window.GlobalWindows, window.ProcessingTimeWindows:
		return errors.New("windows of a join have a fixed length in event time: tumbling or sliding")
	}
	return nil
}

// prepareWindows: rows are by window and event time.
func prepareWindows[K comparable, L, R, O any](j *joinSides[K, L, R, O], windows window.Assigner, join func(w window.Window, l *Element[L], r *Element[R]) (O, bool)) {
	j.left.take = func(e *Element[L]) error { return takeWindows(j.left, windows, e) }
	j.right.take = func(e *Element[R]) error { return takeWindows(j.right, windows, e) }
	j.core.onTimer = func(t Timer) error {
		end := addTime(t.At, 1)
		from, to := appendTime(nil, end), appendTime(nil, addTime(end, 1))
		starts := make(map[int64]bool)
		var order []int64
		j.left.rows.each(from, to, func(sub, _ []byte) bool {
			if start := timeOf(sub[8:]); !starts[start] {
				starts[start] = true
				order = append(order, start)
			}
			return true
		})
		for _, start := range order {
			w := window.Window{Start: start, End: end}
			from, to := rowOf(w), rowOf(window.Window{Start: start + 1, End: end})
			var lefts []Element[L]
			j.left.each(from, to, func(_ []byte, l *Element[L]) { lefts = append(lefts, *l) })
			j.right.each(from, to, func(_ []byte, r *Element[R]) {
				for i := range lefts {
					if o, ok := join(w, &lefts[i], r); ok {
						j.results.Emit(o, t.At)
					}
				}
			})
		}
		j.left.drop(from, to)
		j.right.drop(from, to)
		return nil
	}
}

// rowOf begins the rows of a window.
func rowOf(w window.Window) []byte { return appendTime(appendTime(nil, w.End), w.Start) }

// takeWindows keeps an element in each of its windows that is not over.
func takeWindows[K comparable, T any](s *joinSide[K, T], windows window.Assigner, e *Element[T]) error {
	taken := false
	for _, w := range windows.Assign(e.EventTime, nil) {
		if w.MaxTime() <= s.core.current {
			continue
		}
		taken = true
		if s.add(appendTime(rowOf(w), e.EventTime), e.Value) {
			s.core.at.SetEventTimer(w.MaxTime())
		}
	}
	if !taken {
		s.tooLate(e)
	}
	return nil
}
