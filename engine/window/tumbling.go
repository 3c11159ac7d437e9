package window

import "time"

// TumblingWindows follow each other without gap or overlap.
type TumblingWindows struct{ size int64 }

// Tumbling returns windows of the given length, at least 1 ms, aligned to the epoch.
func Tumbling(size time.Duration) TumblingWindows {
	if size < time.Millisecond {
		panic("window: a tumbling window is at least 1 ms long, not " + size.String())
	}
	return TumblingWindows{size: size.Milliseconds()}
}

// Partition implements Partition.
func (TumblingWindows) Partition() {}

// Assign implements Assigner.
func (w TumblingWindows) Assign(t int64, dst []Window) []Window {
	start := Start(t, w.size)
	return append(dst, Window{Start: start, End: start + w.size})
}
