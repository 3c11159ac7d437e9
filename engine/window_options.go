package engine

import (
	"errors"
	"fmt"
	"time"

	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

// Aggregation folds the elements of one key and window into an accumulator of
// type A, whose zero value is the empty one.
//
// Accumulators may hold pointers, slices and maps, but share nothing that changes with each
// other: a checkpoint encodes those of some keys while elements of others come in.
type Aggregation[K comparable, T, A, R any] struct {
	// Add takes one element in. It must give the same result in any order of elements.
	Add func(acc *A, e *Element[T])
	// Result makes what is emitted when the window fires, or reports that there
	// is nothing to emit. It does not change the accumulator.
	Result func(key K, w window.Window, acc *A) (R, bool)
	// Pane, if not nil, is asked instead of Result, with which of the window's panes it is.
	Pane func(key K, p trigger.Pane, acc *A) (R, bool)
	// Merge adds what from holds to into, and keeps nothing of from. Windows that merge need
	// it; with it, sliding windows share what they have in common.
	Merge func(into, from *A)
	// Codec of the accumulator in checkpoints.
	Codec Codec[A]
}

// WindowOption changes how windows of an Aggregate behave.
type WindowOption func(*windowOptions)

type windowOptions struct {
	lateness    int64
	trigger     trigger.Trigger // nil: that of the windows
	discarding  bool
	finalPane   bool
	emptyOnTime bool
}

// Trigger has t decide when a key's window is emitted, instead of the watermark's passage
// over its end and every late element.
func Trigger(t trigger.Trigger) WindowOption {
	return func(o *windowOptions) { o.trigger = t }
}

// FinalPane has a window emitted once more before it is forgotten, if something has come
// that no pane has held, such as what a count has not been reached by. Without it, such
// windows are counted as dropped.
func FinalPane() WindowOption { return func(o *windowOptions) { o.finalPane = true } }

// EmptyOnTimePane has the pane at a window's end emitted even if it holds nothing, because
// early panes have taken all there was.
func EmptyOnTimePane() WindowOption { return func(o *windowOptions) { o.emptyOnTime = true } }

// Discarding has each pane hold only what came since the one before. Without it panes
// accumulate: each holds all that came.
func Discarding() WindowOption {
	return func(o *windowOptions) { o.discarding = true }
}

// AllowedLateness keeps a window for that long (event time) after it fired; an
// element that comes meanwhile makes it fire again, for that key, with the new total.
func AllowedLateness(d time.Duration) WindowOption {
	return func(o *windowOptions) { o.lateness = d.Milliseconds() }
}

func overlap(s window.Sliced) bool {
	size, slide, _ := s.Sliced()
	return size > slide
}

// generalForm tells whether windows need state by key and window.
func generalForm[K comparable, T, A, R any](w window.Assigner, agg *Aggregation[K, T, A, R], o *windowOptions) bool {
	if o.trigger != nil || o.discarding || o.finalPane || o.emptyOnTime || agg.Pane != nil {
		return true
	}
	switch w.(type) {
	case window.Merging, window.ByElement[T], window.GlobalWindows, window.ProcessingTimeWindows:
		return true
	}
	return false
}

// checkWindows finds what an assigner, a trigger and an aggregation lack to go together.
func checkWindows[K comparable, T, A, R any](w window.Assigner, agg *Aggregation[K, T, A, R], o *windowOptions) error {
	if p, ok := w.(window.ProcessingTimeWindows); ok {
		if w = p.Assigner; o.lateness > 0 {
			return errors.New("windows of processing time have no allowed lateness: no element is late for them")
		}
	}
	if agg.Result == nil && agg.Pane == nil {
		return errors.New("Aggregation.Result and Aggregation.Pane are both nil")
	}
	if _, merges := w.(window.Merging); merges && agg.Merge == nil {
		return errors.New("windows that merge need Aggregation.Merge")
	}
	if _, looks := w.(interface{ LooksAtElements() }); looks {
		if _, ok := w.(window.ByElement[T]); !ok {
			return fmt.Errorf("%T looks at elements of another type than %T", w, *new(T))
		}
	}
	return nil
}

// addTime adds without passing the greatest time.
func addTime(t, d int64) int64 {
	if d > 0 && t > MaxWatermark-d {
		return MaxWatermark
	}
	return t + d
}
