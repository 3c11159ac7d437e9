package trigger_test

import (
	"fmt"
	"testing"
	"time"

	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

const ms = time.Millisecond

// pane drives a trigger over one window from 0 to 100, as an operator does.
type pane struct {
	t trigger.Trigger
	s trigger.State
}

func newPane(t trigger.Trigger) *pane {
	return &pane{t, trigger.State{Window: window.Window{End: 100}, Watermark: -1, Numbers: make([]int64, t.Numbers())}}
}

// element has an element come, and tells what is to be done.
func (p *pane) element(at int64) string {
	p.s.At = at
	return name(p.t.Element(&p.s))
}

// until lets watermark and processing time pass to where they are now.
func (p *pane) until(watermark, now int64) string {
	p.s.Watermark, p.s.Now = watermark, now
	if w, n := p.t.Next(&p.s); w > watermark && n > now {
		return "-"
	}
	return name(p.t.Time(&p.s))
}

func name(a trigger.Action) string {
	return [...]string{"-", "fire", "purge", "fire and purge"}[a]
}

func ExampleEventTime() {
	p := newPane(trigger.EventTime())
	fmt.Println(p.element(5), p.until(98, 0), p.until(99, 0), p.until(120, 0), p.element(7))
	// Output: - - fire - fire
}

func ExampleProcessingTime() {
	p := newPane(trigger.ProcessingTime())
	fmt.Println(p.element(5), p.until(0, 98), p.until(0, 99), p.until(0, 120))
	// Output: - - fire -
}

func ExampleCount() {
	p := newPane(trigger.Count(2))
	fmt.Println(p.element(1), p.element(2), p.element(3), p.element(4))
	// Output: - fire - fire
}

func ExampleEvery() {
	p := newPane(trigger.Every(10 * ms))
	fmt.Println(p.element(1), p.until(0, 9), p.until(0, 10), p.until(0, 45), p.until(0, 50))
	// Output: - - fire fire fire
}

func ExampleEveryEventTime() {
	p := newPane(trigger.EveryEventTime(10 * ms))
	fmt.Println(p.element(1), p.until(9, 0), p.until(10, 0), p.until(45, 0), p.until(99, 0), p.element(3))
	// Output: - - fire fire fire fire
}

func ExampleAfter() {
	p := newPane(trigger.After(10 * ms))
	p.until(0, 3)
	fmt.Println(p.element(1), p.element(2), p.until(0, 12), p.until(0, 13), p.until(0, 40), p.element(3), p.until(0, 50))
	// Output: - - - fire - - fire
}

func ExamplePurging() {
	p := newPane(trigger.Purging(trigger.Count(2)))
	fmt.Println(p.element(1), p.element(2))
	// Output: - fire and purge
}

func ExampleNoFiring() {
	p := newPane(trigger.NoFiring())
	fmt.Println(p.element(1), p.until(99, 0))
	// Output: - -
}

func ExampleEarlyAndLate() {
	p := newPane(trigger.EarlyAndLate(trigger.Count(2), trigger.Count(3)))
	fmt.Println("early", p.element(1), p.element(2), p.element(3))
	fmt.Println("on time", p.until(99, 0))
	fmt.Println("late", p.element(4), p.element(5), p.element(6))
	// Output:
	// early - fire -
	// on time fire
	// late - - fire
}

// Ensure that windows that merge put together what their triggers remember.
func TestMerge(t *testing.T) {
	for _, test := range []struct {
		t        trigger.Trigger
		elements int // of either window
		want     string
	}{
		{trigger.Count(4), 1, "-"},
		{trigger.Count(5), 2, "fire"}, // the one that makes them meet is the fifth
		{trigger.EarlyAndLate(trigger.Count(5), nil), 2, "fire"},
		{trigger.Purging(trigger.Count(5)), 2, "fire and purge"},
		{trigger.NoFiring(), 2, "-"},
	} {
		merged := newPane(test.t)
		for range 2 {
			from := newPane(test.t)
			for range test.elements {
				from.element(1)
			}
			test.t.Merge(&merged.s, from.s.Numbers)
		}
		if got := merged.element(1); got != test.want {
			t.Errorf("%T of %d and %d elements: %s, want %s", test.t, test.elements, test.elements, got, test.want)
		}
	}
	// Of two that wait the earlier time counts.
	for _, wait := range []trigger.Trigger{trigger.After(10 * ms), trigger.Every(10 * ms)} {
		merged, early, late := newPane(wait), newPane(wait), newPane(wait)
		early.element(1)
		late.until(0, 25)
		late.element(1)
		wait.Merge(&merged.s, late.s.Numbers)
		wait.Merge(&merged.s, early.s.Numbers)
		if _, next := wait.Next(&merged.s); next != 10 {
			t.Errorf("%T: merged, it waits for %d", wait, next)
		}
	}
}
