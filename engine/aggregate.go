package engine

import (
	"time"

	"taxistream/engine/window"
)

// Aggregation folds the elements of one key and window into an accumulator of
// type A, whose zero value is the empty one.
type Aggregation[K comparable, T, A, R any] struct {
	// Add takes one element in. It must give the same result in any order of elements.
	Add func(acc *A, e *Element[T])
	// Result makes what is emitted when the window fires, or reports that there
	// is nothing to emit.
	Result func(key K, w window.Window, acc *A) (R, bool)
	// Codec of the accumulator in checkpoints.
	Codec Codec[A]
}

// WindowOption changes how windows of an Aggregate behave.
type WindowOption func(*windowOptions)

type windowOptions struct{ lateness int64 }

// AllowedLateness keeps a window for that long (event time) after it fired; an
// element that comes meanwhile makes it fire again, for that key, with the new total.
func AllowedLateness(d time.Duration) WindowOption {
	return func(o *windowOptions) { o.lateness = d.Milliseconds() }
}

// Aggregate folds each key's elements by event-time window. A window fires when
// the watermark reaches its end less 1 ms; results carry that instant as their
// event time. An element all of whose windows are gone (watermark at or after end
// - 1 ms + allowed lateness) goes to late.
func Aggregate[K comparable, T, A, R any](in *KeyedStream[K, T], name string, windows window.Assigner, agg Aggregation[K, T, A, R], options ...WindowOption) (results *Stream[R], late *Stream[T]) {
	var o windowOptions
	for _, option := range options {
		option(&o)
	}
	job := in.in.job
	n := job.plan.addNode(name, kindKeyed)
	results = newStream[R](job, n)
	late = SideOutput(results, NewTag[T]("late"))
	addKeyedExchange(in, n, func(b *builder) (input[T], error) {
		return newAggregateOperator(b, n, in, windows, agg, o, results)
	})
	return results, late
}
