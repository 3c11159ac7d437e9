package engine

import (
	"errors"
	"fmt"
	"time"

	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

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
