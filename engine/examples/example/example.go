// Package example is what the example programs share: a sink that keeps lines and prints them in order.
package example

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"taxistream/engine"
)

// Lines keeps what a job emits until the job has ended. With several subtasks results come in any order, so that
// they are sorted before they are printed.
type Lines struct{ all []engine.Element[string] }

// Sink is where the lines come from.
func (l *Lines) Sink() engine.Sink[string] {
	return engine.SinkFunc(func(batch []engine.Element[string]) error {
		l.all = append(l.all, batch...)
		return nil
	})
}

// Print writes the lines by event time, those of one time by the alphabet. The job must have ended.
func (l *Lines) Print(w io.Writer) {
	slices.SortFunc(l.all, func(a, b engine.Element[string]) int {
		return cmp.Or(cmp.Compare(a.EventTime, b.EventTime), cmp.Compare(a.Value, b.Value))
	})
	for _, e := range l.all {
		fmt.Fprintln(w, e.Value)
	}
	if len(l.all) == 0 {
		fmt.Fprintln(w, "nothing was found")
	}
}

// Clock prints an event time as a time of day, UTC.
func Clock(ms int64) string { return time.UnixMilli(ms).UTC().Format("15:04:05") }
