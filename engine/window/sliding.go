package window

import "time"

// SlidingWindows all have one length and begin at regular times, so that an element
// belongs to several if they overlap, and to none if it falls between two.
type SlidingWindows struct{ size, slide, offset int64 }

// Sliding returns windows of the given length of which one begins every slide, aligned
// to the epoch. Both are at least 1 ms.
func Sliding(size, slide time.Duration) SlidingWindows {
	return SlidingWindows{
		size: wholeMillis("the size of a sliding window", size), slide: wholeMillis("the slide of a sliding window", slide),
	}
}

// Offset returns the same windows moved by d, which may be negative.
func (w SlidingWindows) Offset(d time.Duration) SlidingWindows {
	w.offset = d.Milliseconds() % w.slide
	return w
}

// Assign implements Assigner.
func (w SlidingWindows) Assign(t int64, dst []Window) []Window {
	last := Start(t-w.offset, w.slide) + w.offset
	first := last - (w.size-1)/w.slide*w.slide
	for start := first; start <= last; start += w.slide {
		if start+w.size > t {
			dst = append(dst, Window{Start: start, End: start + w.size})
		}
	}
	return dst
}

// Sliced implements Sliced.
func (w SlidingWindows) Sliced() (size, slide, offset int64) { return w.size, w.slide, w.offset }

// Sliced is an Assigner whose windows are of one length and begin at regular times, so
// that their contents can be put together of what they share.
type Sliced interface {
	Assigner
	// Sliced gives the windows' length, the time from one's start to the next one's, and
	// the offset of their starts from the epoch, in ms.
	Sliced() (size, slide, offset int64)
}
