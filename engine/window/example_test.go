package window_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/engine/window"
)

// show prints the windows of a time, in ms.
func show(windows []window.Window) {
	for _, w := range windows {
		fmt.Printf("[%d,%d) ", w.Start, w.End)
	}
	fmt.Println()
}

const second = time.Second

func ExampleTumblingWindows_Offset() {
	show(window.Tumbling(10*second).Offset(-3*second).Assign(6_000, nil))
	// Output: [-3000,7000)
}

func ExampleSliding() {
	show(window.Sliding(10*second, 5*second).Assign(7_000, nil))
	show(window.Sliding(2*second, 10*second).Assign(7_000, nil)) // between two windows
	// Output:
	// [0,10000) [5000,15000)
}

func ExampleSlidingWindows_Offset() {
	show(window.Sliding(10*second, 5*second).Offset(1*second).Assign(7_000, nil))
	// Output: [1000,11000) [6000,16000)
}

// Each element opens a window as long as the gap; operators merge those that meet.
func ExampleSession() {
	show(window.Session(10*second).Assign(7_000, nil))
	// Output: [7000,17000)
}

func ExampleSessionBy() {
	type visit struct{ Timeout time.Duration }
	sessions := window.SessionBy(func(v *visit) time.Duration { return v.Timeout })
	show(sessions.AssignElement(&visit{Timeout: 3 * second}, 7_000, nil))
	// Output: [7000,10000)
}

func ExampleGlobal() {
	fmt.Println(window.Global().Assign(7_000, nil))
	// Output: [global]
}

func ExampleProcessingTime() {
	byClock := window.ProcessingTime(window.Tumbling(10 * second))
	show(byClock.Assign(7_000, nil)) // 7 s on the clock, whatever the element's own time
	// Output: [0,10000)
}

// Ensure that sliding windows are all that hold a time, by start, whatever size, slide and
// offset are.
func TestSliding_Random(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size, slide := rapid.Int64Range(1, 50).Draw(t, "size"), rapid.Int64Range(1, 50).Draw(t, "slide")
		offset := rapid.Int64Range(-100, 100).Draw(t, "offset")
		at := rapid.Int64Range(-1000, 1000).Draw(t, "time")
		d := func(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
		var want []window.Window
		for start := at - size + 1; start <= at; start++ {
			if (start-offset)%slide == 0 {
				want = append(want, window.Window{Start: start, End: start + size})
			}
		}
		if got := window.Sliding(d(size), d(slide)).Offset(d(offset)).Assign(at, nil); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("windows of %d: %v, want %v", at, got, want)
		}
	})
}
