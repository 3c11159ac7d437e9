package watermark_test

import (
	"testing"
	"time"

	"taxistream/engine/watermark"
)

// Ensure that a source is silent once all its splits are, and no longer as soon as any of them is not.
func TestCombiner_Silent(t *testing.T) {
	at := func(s int) time.Time { return epoch.Add(time.Duration(s) * time.Second) }
	c := watermark.NewCombiner(10 * time.Second)
	is := func(want bool, why string) {
		t.Helper()
		if c.Silent() != want {
			t.Errorf("silent: %v; %s", !want, why)
		}
	}
	is(false, "there is no split")
	c.Register("a", 5, false)
	c.Register("b", 7, false)
	c.Refresh()
	for _, s := range []int{0, 10} {
		c.Seen("a", true, false, at(s), 0)
	}
	is(false, "b was not looked at")
	c.Seen("b", true, false, at(10), 0)
	c.Seen("b", true, false, at(25), 6*time.Second)
	is(false, "for 6 of 15 s whoever reads b was held up")
	heard := make(chan struct{}, 1)
	c.Listen(heard)
	c.Seen("b", true, false, at(26), 6*time.Second)
	is(true, "10 s for both")
	if len(heard) != 1 {
		t.Error("nobody was told")
	}
	expect(t, c, 5, "the clock stands")
	c.Seen("a", true, true, at(27), 0)
	is(false, "reads of a failed")
	c.Seen("a", true, false, at(37), 0)
	is(true, "10 s after that")
	c.Register("c", 5, false)
	is(false, "there is a new split")
	c.End("c", nil)
	c.Seen("a", true, false, at(38), 0)
	is(true, "it has ended")
	c.Advance("b", 9, at(39))
	is(false, "b moved")
	c.Close()
	is(false, "the source has ended")
}

// Ensure that the end of some channels is not the end of all, while others are idle.
func TestValve_EndsWithTheLast(t *testing.T) {
	v := watermark.NewValve(2)
	v.Advance(0, 10)
	v.SetIdle(1, true)
	if got, moved := v.Advance(0, watermark.Max); got != 10 || moved {
		t.Errorf("the clock goes to %d", got)
	}
	v.SetIdle(1, false)
	if got, moved := v.Advance(1, 15); got != 15 || !moved {
		t.Errorf("the channel that is back does not count: %d", got)
	}
	if got, moved := v.Advance(1, watermark.Max); got != watermark.Max || !moved {
		t.Errorf("the end is %d", got)
	}
}
