package runtime

import (
	"errors"
	"testing"
	"time"
)

// Ensure the interval's checkpoint is left out while nothing has moved since the last
// whole one; that the first is taken, one that failed is taken again, and what moves
// while one is on its way is in the next.
func TestCoordinator_Unchanged(t *testing.T) {
	const every = time.Second
	began, now := time.Unix(100, 0), time.Unix(100, 0)
	var moves, sent int64
	var ends []error
	x := &Execution{Ctx: t.Context(), Clock: standing{now}}
	c := NewCoordinator(x, Limits{Interval: every, Timeout: time.Hour, Tolerable: 3}, 0, 0)
	c.Moves = func() int64 { return moves }
	c.Passed = func(int64) {}
	c.Ended = func(c Checkpoint) { ends = append(ends, c.Err) }
	onTheWay := func() {}
	c.Send = func(*Barrier) { sent++; onTheWay() }
	after := func(n int, do func()) { // n intervals, the first of which has do in it
		t.Helper()
		do()
		for range n {
			for range 4 {
				if _, err := c.Step(now); err != nil {
					t.Fatal(err)
				}
			}
			now = now.Add(every)
		}
	}
	for _, test := range []struct {
		name    string
		do      func()
		sent    int64 // in all
		unsaved bool
	}{
		{"First", func() {}, 1, false},
		{"Unchanged", func() {}, 1, false},
		{"Moved", func() { moves++ }, 2, false},
		{"OnTheWay", func() { moves++; onTheWay = func() { onTheWay = func() {}; moves++ } }, 4, false},
		{"Failed", func() { moves++; onTheWay = func() { onTheWay = func() {}; c.err = errors.New("disk full") } }, 6, false},
	} {
		after(5, test.do)
		if got := !c.Unsaved().IsZero(); sent != test.sent || got != test.unsaved {
			t.Errorf("%s: %d barriers, unsaved %v; want %d, %v", test.name, sent, got, test.sent, test.unsaved)
		}
	}
	moves++
	if _, err := c.Step(now); err != nil || !c.Unsaved().Equal(now) {
		t.Errorf("unsaved since %v, %v; want %v", c.Unsaved().Sub(began), err, now.Sub(began))
	}
}

// standing is a clock that stands still.
type standing struct{ now time.Time }

func (s standing) Now() time.Time                                { return s.now }
func (standing) Ticker(time.Duration) (<-chan time.Time, func()) { return nil, func() {} }
