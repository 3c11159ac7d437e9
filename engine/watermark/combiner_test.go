package watermark_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/engine/watermark"
)

var epoch = time.Unix(0, 0)

func expect(t *testing.T, c *watermark.Combiner, want int64, why string) {
	t.Helper()
	if got := c.Combined(); got != want {
		t.Errorf("combined = %d, want %d: %s", got, want, why)
	}
}

// Ensure that the clock is the minimum, holds for splits without watermark and never jumps.
func TestCombiner(t *testing.T) {
	c := watermark.NewCombiner(0)
	c.Refresh()
	expect(t, c, watermark.None, "no splits")
	c.Register("a", watermark.None, false)
	c.Register("b", watermark.None, false)
	c.Advance("a", 10, epoch)
	expect(t, c, watermark.None, "b has none and holds")
	c.Advance("b", 5, epoch)
	expect(t, c, 5, "the minimum")
	c.Advance("b", 4, epoch)
	c.Advance("b", 20, epoch)
	expect(t, c, 10, "lower ones are ignored")
	c.Register("new", watermark.None, false)
	c.Refresh()
	expect(t, c, 10, "a new split holds but does not set back")
	c.Advance("a", 30, epoch)
	expect(t, c, 10, "held by the new one")
	c.Advance("new", 12, epoch)
	expect(t, c, 12, "the new one counts")
}

// Ensure that a parent's end hands its watermark to its children in one step.
func TestCombiner_EndsAndChildren(t *testing.T) {
	c := watermark.NewCombiner(0)
	c.Register("a", 10, false)
	c.Register("b", 50, false)
	c.Refresh()
	c.End("a", []string{"m"})
	expect(t, c, 10, "the child starts from its parent's last watermark")
	c.End("b", []string{"m"})
	expect(t, c, 10, "a child of two starts from the lower")
	c.Advance("m", 60, epoch)
	expect(t, c, 60, "the child goes on")
	c.End("m", nil)
	expect(t, c, 60, "no splits: the clock stands still")
	c.Close()
	expect(t, c, watermark.Max, "no split will follow")
}

// Ensure that a listener hears of each move, at least once after the last.
func TestCombiner_Listen(t *testing.T) {
	c := watermark.NewCombiner(0)
	moved := make(chan struct{}, 1)
	c.Listen(moved)
	c.Register("a", watermark.None, false)
	c.Advance("a", 1, epoch)
	c.Advance("a", 2, epoch)
	select {
	case <-moved:
	default:
		t.Error("nothing was heard")
	}
	select {
	case <-moved:
		t.Error("heard twice with no move between")
	default:
	}
}

// Ensure that a split waits only for those that are read, or that have more to read, and that it is
// woken by each change that may set it free.
func TestCombiner_Ahead(t *testing.T) {
	c := watermark.NewCombiner(0)
	for _, id := range []string{"slow", "fast"} {
		c.Register(id, watermark.None, false)
		c.Reading(id)
	}
	wake := make(chan struct{}, 1)
	step := func(want bool, why string, change func()) {
		t.Helper()
		held := c.Ahead("fast", 20, true, wake)
		change()
		if woken := len(wake) > 0; woken != held {
			t.Errorf("woken: %v, it was held: %v: %s", woken, held, why)
		} else if woken {
			<-wake
		}
		if got := c.Ahead("fast", 20, true, nil); got != want {
			t.Errorf("ahead: %v, want %v: %s", got, want, why)
		}
	}
	step(false, "the clock shows nothing", func() { c.Advance("fast", 100, epoch) })
	step(true, "slow is read", func() { c.Advance("slow", 10, epoch) })
	step(false, "slow is at its tip", func() { c.Tip("slow", true) })
	step(true, "slow has more", func() { c.Tip("slow", false) })
	step(true, "slow is nearer", func() { c.Advance("slow", 60, epoch) })
	step(false, "slow is near", func() { c.Advance("slow", 80, epoch) })
	step(true, "slow is far behind again", func() { c.Advance("fast", 200, epoch) })
	step(false, "the child waits for its other parent, which may be fast", func() { c.End("slow", []string{"child"}) })
	step(true, "the child is read", func() { c.Reading("child") })
	step(false, "fast is a child, too, of a slower parent", func() { c.Register("fast", 90, false) })
}

// Ensure the rule of idleness, step by step.
func TestCombiner_Idleness(t *testing.T) {
	c := watermark.NewCombiner(10 * time.Second)
	at := func(s int) time.Time { return epoch.Add(time.Duration(s) * time.Second) }
	c.Register("quiet", 1, false)
	c.Register("busy", 1, false)
	c.Refresh()
	c.Seen("quiet", true, false, at(0), 0)
	c.Seen("quiet", true, false, at(20), 0)
	if c.Idle("quiet") {
		t.Error("idle though no other split moved")
	}
	c.Advance("busy", 100, at(21))
	c.Seen("quiet", true, true, at(22), 0)
	c.Seen("quiet", true, false, at(31), 0)
	if c.Idle("quiet") {
		t.Error("idle though reads failed 9 s ago")
	}
	c.Advance("busy", 200, at(31))
	expect(t, c, 1, "quiet still holds")
	c.Seen("quiet", true, false, at(32), 0)
	if !c.Idle("quiet") {
		t.Error("not idle after 10 s at the tip while another moved")
	}
	expect(t, c, 200, "an idle split does not count")
	c.Advance("quiet", 150, at(33))
	c.Seen("quiet", false, false, at(33), 0)
	if !c.Idle("quiet") {
		t.Error("counts again before it has caught up")
	}
	c.Advance("quiet", 200, at(34))
	c.Advance("busy", 300, at(35))
	if c.Idle("quiet") {
		t.Error("does not count though it has caught up")
	}
	expect(t, c, 200, "the returned split counts")
}

// Ensure, on random operations, that the clock never goes back, never passes an
// active split once it stood below it, and is what a plain minimum says.
func TestCombiner_Random(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := watermark.NewCombiner(0)
		splits := map[string]int64{}
		want := watermark.None
		names := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			name := names.Draw(t, "split")
			_, there := splits[name]
			switch step := rapid.IntRange(0, 3).Draw(t, "step"); {
			case step == 0 && !there:
				splits[name] = rapid.Int64Range(0, 50).Draw(t, "watermark")
				c.Register(name, splits[name], false)
				c.Refresh()
			case step == 1 && there:
				child := names.Draw(t, "child")
				if child == name {
					continue
				}
				if w, ok := splits[child]; !ok || w > splits[name] {
					splits[child] = splits[name]
				}
				c.End(name, []string{child})
				delete(splits, name)
			case there:
				w := rapid.Int64Range(0, 100).Draw(t, "watermark")
				splits[name] = max(splits[name], w)
				c.Advance(name, w, epoch)
			}
			if len(splits) > 0 {
				lowest := watermark.Max
				for _, w := range splits {
					lowest = min(lowest, w)
				}
				want = max(want, lowest)
			}
			if got := c.Combined(); got != want {
				t.Fatalf("combined = %d, want %d of %v", got, want, splits)
			}
		}
	})
}

// Ensure that channels combine to their minimum and report only moves.
func TestValve(t *testing.T) {
	c := watermark.NewValve(2)
	steps := []struct {
		channel   int
		watermark int64
		want      int64
		moved     bool
	}{
		{0, 5, watermark.None, false},
		{1, 3, 3, true},
		{1, 2, 3, false}, // goes back: ignored
		{1, 9, 5, true},
		{0, watermark.Max, 9, true},
		{1, watermark.Max, watermark.Max, true},
	}
	for i, s := range steps {
		if got, moved := c.Advance(s.channel, s.watermark); got != s.want || moved != s.moved {
			t.Errorf("step %d: %d %v, want %d %v", i, got, moved, s.want, s.moved)
		}
	}
}

// Ensure the bound, near the lowest time too.
func TestBounded(t *testing.T) {
	b := watermark.NewBounded(10)
	for _, s := range []struct{ observe, want int64 }{{watermark.None, watermark.None}, {100, 89}, {95, 89}, {101, 90}} {
		if got := b.Observe(s.observe); got != s.want {
			t.Errorf("after %d: %d, want %d", s.observe, got, s.want)
		}
	}
}
