package window_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/engine/window"
)

// Ensure that windows include their start, exclude their end and are aligned to the
// epoch, before it too.
func TestTumbling(t *testing.T) {
	w := window.Tumbling(10 * time.Second)
	for _, test := range []struct{ at, start int64 }{{0, 0}, {9999, 0}, {10_000, 10_000}, {-1, -10_000}, {-10_000, -10_000}, {-10_001, -20_000}} {
		got := w.Assign(test.at, nil)
		if len(got) != 1 || got[0] != (window.Window{Start: test.start, End: test.start + 10_000}) {
			t.Errorf("windows of %d = %v, want the one from %d", test.at, got, test.start)
		}
	}
}

// Ensure that every time is in its window, and in no other.
func TestTumbling_Random(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 1_000_000_000).Draw(t, "size")
		at := rapid.Int64Range(-1<<50, 1<<50).Draw(t, "time")
		w := window.Tumbling(time.Duration(size)*time.Millisecond).Assign(at, nil)
		if len(w) != 1 || at < w[0].Start || at > w[0].MaxTime() || w[0].Start%size != 0 || w[0].End-w[0].Start != size {
			t.Fatalf("windows of %d = %v", at, w)
		}
	})
}

// Ensure that a window without length is refused where it is made.
func TestTumbling_TooShort(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	window.Tumbling(time.Microsecond)
}

func ExampleTumbling() {
	for _, w := range window.Tumbling(10*time.Minute).Assign(1_451_606_399_999, nil) {
		fmt.Println(w)
	}
	// Output: [2015-12-31T23:50:00.000Z, 2016-01-01T00:00:00.000Z)
}
