// Package watermark combines the progress of many splits into one event-time clock.
//
// A watermark T promises that no element with event time <= T will follow. The
// combined watermark is the minimum over active splits and never goes back. A
// split that is idle does not count; a split that returns counts again once it has
// caught up. A split without watermark holds the clock. With no splits the clock
// stands still: it never jumps to the end. The package knows no records; times are
// ms since the epoch, and processing time comes as an argument.
package watermark
