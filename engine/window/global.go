package window

import "math"

// GlobalWindow holds all of time. It ends with the greatest watermark, when a job drains.
var GlobalWindow = Window{Start: math.MinInt64, End: math.MaxInt64}

// GlobalWindows is the Assigner of the GlobalWindow.
type GlobalWindows struct{}

// Global returns the one window of everything; it is of use with a trigger.
func Global() GlobalWindows { return GlobalWindows{} }

// Assign implements Assigner.
func (GlobalWindows) Assign(_ int64, dst []Window) []Window { return append(dst, GlobalWindow) }
