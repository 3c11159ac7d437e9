package engine

import (
	"time"

	"taxistream/engine/watermark"
)

// WatermarkGenerator derives the watermark of one split. It is driven by calls
// from one goroutine. A value lower than the split's watermark is ignored and
// counted (SplitStatus.Regressions).
type WatermarkGenerator[T any] interface {
	// OnElement is called for each element in the split's order with the split's
	// watermark before it. It may write into the element (its event time, or
	// current, for rules that judge lateness by split) and returns the split's
	// watermark after it, and whether the element is data: what is not kept, such as a
	// watermark record, goes no further.
	OnElement(e *Element[T], current int64) (watermark int64, keep bool)
	// OnTick is called about every TickInterval; current leaves all as it is.
	OnTick(now time.Time, current int64) int64
}

// WatermarkStrategy makes the generator of a split that begins or goes on. A
// split's watermark is kept by the runtime over restarts, a generator's fields are not.
type WatermarkStrategy[T any] func(split Split) WatermarkGenerator[T]

// BoundedOutOfOrderness makes the watermark the greatest event time less the bound
// and 1 ms.
func BoundedOutOfOrderness[T any](bound time.Duration) WatermarkStrategy[T] {
	return func(Split) WatermarkGenerator[T] {
		return &boundedGenerator[T]{b: watermark.NewBounded(bound.Milliseconds())}
	}
}

// Monotonous is for splits whose event times never fall; equal ones may follow each other.
func Monotonous[T any]() WatermarkStrategy[T] { return BoundedOutOfOrderness[T](0) }

// Punctuated takes watermarks from elements that carry one: of reports an element's. Such an
// element is data as well.
func Punctuated[T any](of func(e *Element[T]) (watermark int64, ok bool)) WatermarkStrategy[T] {
	return func(Split) WatermarkGenerator[T] { return punctuated[T](of) }
}

// NoWatermarks never moves the clock; only a drain or a bounded end does.
func NoWatermarks[T any]() WatermarkStrategy[T] {
	return func(Split) WatermarkGenerator[T] { return noGenerator[T]{} }
}

type boundedGenerator[T any] struct{ b watermark.Bounded }

func (g *boundedGenerator[T]) OnElement(e *Element[T], current int64) (int64, bool) {
	return max(current, g.b.Observe(e.EventTime)), true
}

func (g *boundedGenerator[T]) OnTick(_ time.Time, current int64) int64 { return current }

type punctuated[T any] func(e *Element[T]) (watermark int64, ok bool)

func (of punctuated[T]) OnElement(e *Element[T], current int64) (int64, bool) {
	if w, ok := of(e); ok {
		return w, true
	}
	return current, true
}

func (punctuated[T]) OnTick(_ time.Time, current int64) int64 { return current }

type noGenerator[T any] struct{}

func (noGenerator[T]) OnElement(_ *Element[T], current int64) (int64, bool) { return current, true }
func (noGenerator[T]) OnTick(_ time.Time, current int64) int64              { return current }
