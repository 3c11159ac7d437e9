package window

import "time"

// TumblingWindows follow each other without gap or overlap.
type TumblingWindows struct{ size, offset int64 }

// Tumbling returns windows of the given length, at least 1 ms, aligned to the epoch.
func Tumbling(size time.Duration) TumblingWindows {
	return TumblingWindows{size: wholeMillis("the size of a tumbling window", size)}
}

// Offset returns the same windows moved by d, which may be negative: windows of a day
// with an offset of -8 h begin at midnight in UTC+8.
func (w TumblingWindows) Offset(d time.Duration) TumblingWindows {
	w.offset = d.Milliseconds() % w.size
	return w
}

// Partition implements Partition.
func (TumblingWindows) Partition() {}

// Assign implements Assigner.
func (w TumblingWindows) Assign(t int64, dst []Window) []Window {
	start := Start(t-w.offset, w.size) + w.offset
	return append(dst, Window{Start: start, End: start + w.size})
}

// wholeMillis is a length of time in ms, of which there must be one.
func wholeMillis(what string, d time.Duration) int64 {
	if d < time.Millisecond {
		panic("window: " + what + " is at least 1 ms, not " + d.String())
	}
	return d.Milliseconds()
}
