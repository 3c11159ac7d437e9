package job_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/internal/trip"
)

// Ensure that what judge remembers holds: all events from one on and before the
// end of its first window close with it.
func TestEventsOfOneWindowCloseTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int64{1, 7, 1000, 600_000, 3_600_000, 86_400_000})
		rules := trip.DefaultRules
		rules.HotspotWindow, rules.AirportWindow = time.Duration(size.Draw(t, "hotspot"))*time.Millisecond, time.Duration(size.Draw(t, "airport"))*time.Millisecond
		rules.AllowedLateness = time.Duration(rapid.Int64Range(0, 5000).Draw(t, "lateness")) * time.Millisecond
		at := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1e13, 1e13)).Draw(t, "at")
		if end := rules.FirstEnd(at); at < end {
			other := rapid.Int64Range(at, end-1).Draw(t, "other")
			if rules.Closes(other) != rules.Closes(at) {
				t.Fatalf("%d closes at %d, %d at %d", at, rules.Closes(at), other, rules.Closes(other))
			}
		}
	})
}
