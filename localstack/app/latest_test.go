package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
)

// Ensure a processor at LATEST leaves out what was there, and that one which
// restarts before its first record loses nothing that came meanwhile.
func TestLatestRestartedBeforeItsFirstRecord(t *testing.T) {
	w := newWorld(t, 1)
	put := func(first, second int) {
		for _, id := range []int{first, second} {
			w.put(0, fmt.Sprintf(goodTrip, id, "2016-01-05T12:30:00.000Z"))
		}
	}
	put(1, 2) // before the processor
	time.Sleep(5 * time.Millisecond)
	p, stop := w.processor("-position", "LATEST")
	waitFor(t, "it has read the empty tip", func() bool {
		s := p.Status()
		return len(s.Splits) == 1 && s.Splits[0].State == engine.SplitReading && s.Splits[0].AtTip && s.Checkpoints.Completed > 0 && s.Checkpoints.Unsaved.IsZero()
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	put(3, 4) // while it is away
	w.put(0, fmt.Sprintf(watermark, "2016-01-05T13:59:59.999Z"))
	p, stop = w.processor("-position", "LATEST")
	w.reaches(p, 1)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if export := w.export(); !strings.Contains(export, `"pickup_count":2`) || !strings.Contains(export, `"trip_count":2`) {
		t.Errorf("got %s, want the two trips that came while it was away, and no other", export)
	}
}
