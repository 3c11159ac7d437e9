package watermark_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/producer/watermark"
)

// Ensure the tracker agrees with a list of all trips, whatever the order of
// acknowledgements, but for the width of a batch; and that it never falls.
func TestTracker_Model(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type waiting struct {
			batch uint64
			times []int64
		}
		var tr watermark.Tracker
		var open []waiting
		event, low := int64(-100), int64(watermark.None)
		any := false
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				n := rapid.IntRange(1, 5).Draw(t, "n")
				var times []int64
				for range n {
					event += rapid.Int64Range(0, 3).Draw(t, "step")
					times = append(times, event)
				}
				any = true
				open = append(open, waiting{tr.Add(times[0], event, n), times})
			},
			"ack": func(t *rapid.T) {
				if len(open) == 0 {
					t.Skip("nothing is open")
				}
				i := rapid.IntRange(0, len(open)-1).Draw(t, "batch")
				n := rapid.IntRange(1, len(open[i].times)).Draw(t, "n")
				tr.Ack(open[i].batch, n)
				// The greatest are acknowledged first: the worst case for the promise.
				open[i].times = open[i].times[:len(open[i].times)-n]
				if len(open[i].times) == 0 {
					open = append(open[:i:i], open[i+1:]...)
				}
			},
			"": func(t *rapid.T) {
				got := tr.Low()
				least := event
				for _, w := range open {
					least = min(least, w.times[0])
				}
				want := least - 1
				if !any {
					want = watermark.None
				}
				if got != want || got < low {
					t.Fatalf("got %d after %d, want %d", got, low, want)
				}
				if tr.Waiting() < len(open) {
					t.Fatalf("%d batches wait, not %d", len(open), tr.Waiting())
				}
				low = got
			},
		})
	})
}

func TestTracker_Panics(t *testing.T) {
	for name, f := range map[string]func(*watermark.Tracker){
		"OutOfOrder": func(tr *watermark.Tracker) { tr.Add(4, 4, 1) },
		"AckedTwice": func(tr *watermark.Tracker) { n := tr.Add(5, 9, 2); tr.Ack(n, 2); tr.Ack(n, 1) },
		"UnknownAck": func(tr *watermark.Tracker) { tr.Ack(7, 1) },
		"EmptyBatch": func(tr *watermark.Tracker) { tr.Add(9, 9, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Fatal("no panic")
				}
			}()
			var tr watermark.Tracker
			tr.Add(5, 5, 1)
			f(&tr)
		})
	}
}

var start = time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC)

func TestSchedule(t *testing.T) {
	ms := func(n int) time.Time { return start.Add(time.Duration(n) * time.Millisecond) }
	s := watermark.NewSchedule(200*time.Millisecond, 1000, start)
	step := func(at int, last int64, wantDue bool, low int64, wantReady bool) {
		t.Helper()
		if got := s.Due(ms(at), last); got != wantDue {
			t.Fatalf("at %d ms: due %v", at, got)
		}
		if got := s.Ready(low); got != wantReady {
			t.Fatalf("at %d ms, low %d: ready %v", at, low, got)
		}
		if wantReady {
			s.Sent(low)
		}
	}
	step(200, 0, false, watermark.None, false) // nothing was read
	s.Read(10)
	step(300, 50, false, 40, false) // not yet due
	step(400, 50, true, 40, false)  // due; the trips up to 50 are still to be acknowledged
	step(450, 60, false, 49, true)  // they are
	step(460, 60, false, 55, false) // one watermark is enough
	s.Read(999)
	step(470, 90, false, 60, false)
	s.Read(1)
	step(480, 90, true, 60, false)  // due by the number of events, not by time
	step(680, 90, false, 70, true)  // not reached in time: what is true is sent
	step(690, 90, false, 70, false) // and once is enough
	step(700, 90, false, 89, true)  // the target is still wanted
}

func ExampleTracker() {
	var t watermark.Tracker
	first := t.Add(1000, 2000, 3)
	second := t.Add(2000, 3000, 2)
	t.Ack(second, 2)
	fmt.Println(t.Low())
	t.Ack(first, 3)
	fmt.Println(t.Low())
	// Output:
	// 999
	// 2999
}

func BenchmarkTracker(b *testing.B) {
	var t watermark.Tracker
	var numbers [64]uint64
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i >= 64 {
			t.Ack(numbers[i%64], 512)
		}
		numbers[i%64] = t.Add(int64(i), int64(i), 512)
		if t.Low() == math.MaxInt64 {
			b.Fatal("impossible")
		}
	}
}
