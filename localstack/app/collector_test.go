package app

import "testing"

// Ensure a small heap may grow to the goal, and a large one by a bounded part of itself.
func TestPercentFor(t *testing.T) {
	for live, want := range map[uint64]int{0: 400, 1 << 20: 400, 40 << 20: 380, 96 << 20: 100, 128 << 20: 50, 192 << 20: 40, 1 << 30: 40} {
		if got := percentFor(live); got != want {
			t.Errorf("%d bytes: %d, want %d", live, got, want)
		}
	}
}
