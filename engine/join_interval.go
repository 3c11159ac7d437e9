package engine

import "time"

// Interval says which elements of the right stream an element of the left one at time t
// meets: those at t + Lower to t + Upper, both included unless excluded.
type Interval struct {
	Lower, Upper               time.Duration
	ExcludeLower, ExcludeUpper bool
}

// bounds are the interval's in whole ms, both included.
func (i Interval) bounds() (lower, upper int64) {
	lower, upper = i.Lower.Milliseconds(), i.Upper.Milliseconds()
	if i.ExcludeLower {
		lower++
	}
	if i.ExcludeUpper {
		upper--
	}
	return lower, upper
}

// IntervalJoin pairs the elements of two streams that have the same key and whose event
// times lie within an interval of each other. join makes a result of each pair, at the later
// of the two times, or reports that there is none. The keys' codecs must give a key the same bytes.
//
// Elements wait in state until the watermark of both streams has passed the last time that they could
// meet. One behind the watermark goes to its stream's late output; one at the watermark meets
// what still waits.
func IntervalJoin[K comparable, L, R, O any](left *KeyedStream[K, L], right *KeyedStream[K, R], name string, within Interval, leftCodec Codec[L], rightCodec Codec[R], join func(l *Element[L], r *Element[R]) (O, bool)) (results *Stream[O], leftLate *Stream[L], rightLate *Stream[R]) {
	n, results, leftLate, rightLate := joinNode[K, L, R, O](left, right, name)
	lower, upper := within.bounds()
	if lower > upper {
		left.in.job.plan.fail("%q: the interval from %v to %v is empty", name, within.Lower, within.Upper)
	}
	addJoin(left, right, n, func(b *builder) (joinCore, input[L], input[R], error) {
		return newJoin(b, n, results, left, right, leftCodec, rightCodec, func(j *joinSides[K, L, R, O]) {
			prepareInterval(j, lower, upper, join)
		})
	})
	return results, leftLate, rightLate
}

// prepareInterval: rows are by event time. An element of the left waits until the watermark
// reaches its time plus upper, one of the right until its time less lower, and at least until its own time.
func prepareInterval[K comparable, L, R, O any](j *joinSides[K, L, R, O], lower, upper int64, join func(l *Element[L], r *Element[R]) (O, bool)) {
	leftWaits, rightWaits := max(upper, 0), max(-lower, 0)
	pair := func(l *Element[L], r *Element[R]) {
		if o, ok := join(l, r); ok {
			j.results.Emit(o, max(l.EventTime, r.EventTime))
		}
	}
	j.left.take = func(e *Element[L]) error {
		if j.late(e.EventTime) {
			j.left.tooLate(e)
			return nil
		}
		if j.left.add(appendTime(nil, e.EventTime), e.Value) {
			j.core.at.SetEventTimer(addTime(e.EventTime, leftWaits))
		}
		j.right.each(timeFrom(e.EventTime, lower), timeFrom(e.EventTime, upper+1), func(_ []byte, r *Element[R]) { pair(e, r) })
		return nil
	}
	j.right.take = func(e *Element[R]) error {
		if j.late(e.EventTime) {
			j.right.tooLate(e)
			return nil
		}
		if j.right.add(appendTime(nil, e.EventTime), e.Value) {
			j.core.at.SetEventTimer(addTime(e.EventTime, rightWaits))
		}
		j.left.each(timeFrom(e.EventTime, -upper), timeFrom(e.EventTime, 1-lower), func(_ []byte, l *Element[L]) { pair(l, e) })
		return nil
	}
	j.core.onTimer = func(t Timer) error {
		j.left.drop(nil, timeFrom(t.At, 1-leftWaits))
		j.right.drop(nil, timeFrom(t.At, 1-rightWaits))
		return nil
	}
}

// late: is a time behind the watermark?
func (j *joinSides[K, L, R, O]) late(at int64) bool { return at < j.core.current }

// timeFrom is the row of t + d.
func timeFrom(t, d int64) []byte { return appendTime(nil, addClamped(t, d)) }

// addClamped adds without passing the least and greatest times.
func addClamped(t, d int64) int64 {
	if d < 0 && t < NoWatermark-d {
		return NoWatermark
	}
	return addTime(t, d)
}
