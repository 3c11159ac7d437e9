package engine

import (
	"fmt"
	"math"
	"time"
)

// NoWatermark is the watermark of a split or operator that has none yet: it promises nothing.
const NoWatermark int64 = math.MinInt64

// MaxWatermark promises that nothing follows at all. It ends every window.
const MaxWatermark int64 = math.MaxInt64

// Element is one record on its way through the job.
//
// Elements travel in batches. A batch belongs to whoever is being called with it
// and only for the time of the call; what a value points to is not copied and
// lives as long as somebody holds it.
type Element[T any] struct {
	Value     T
	EventTime int64 // ms since the epoch, UTC
}

// String prints the value with its event time, for failures and scenario files.
func (e Element[T]) String() string {
	return fmt.Sprintf("%v@%s", e.Value, FormatTime(e.EventTime))
}

// print is e's String, "" for none.
func (e *Element[T]) print() string {
	if e == nil {
		return ""
	}
	return e.String()
}

// FormatTime prints an event time or watermark: "none", "max", or RFC 3339 with milliseconds.
func FormatTime(ms int64) string {
	switch ms {
	case NoWatermark:
		return "none"
	case MaxWatermark:
		return "max"
	}
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
}
