package replay_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/internal/trip"
	"taxistream/producer/replay"
)

var start = time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC)

// Ensure whoever sleeps as long as Wait says finds the event due, and not much
// later than it had to be.
func TestPace_WaitThenDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		speedup := rapid.Float64Range(0.01, 1e6).Draw(t, "speedup")
		p := replay.NewPace(speedup)
		first := rapid.Int64Range(-1e12, 2e12).Draw(t, "first")
		p.Begin(start, first)
		now := start.Add(time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "now")))
		event := first + rapid.Int64Range(0, 1e10).Draw(t, "event")
		wait := p.Wait(now, event)
		if due := p.Due(now.Add(wait)); due < event {
			t.Fatalf("after %s only %d is due, not %d", wait, due, event)
		}
		if wait > 2*time.Millisecond && p.Due(now.Add(wait-2*time.Millisecond)) > event+1 {
			t.Fatalf("waits %s too long", wait)
		}
	})
}

// Ensure a jump takes its pause at most, and that what comes behind it keeps its
// distances.
func TestPace_Jump(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := replay.NewPace(rapid.Float64Range(1, 1e6).Draw(t, "speedup"))
		before := rapid.Int64Range(-1e12, 2e12).Draw(t, "before")
		p.Begin(start, before-rapid.Int64Range(0, 1e9).Draw(t, "since the first"))
		event := before + rapid.Int64Range(1, 1e11).Draw(t, "gap")
		later := rapid.Int64Range(0, 1e9).Draw(t, "later")
		pause := time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "pause"))
		sentAt := start.Add(p.Wait(start, before)) // at the earliest
		was := [2]time.Duration{p.Wait(sentAt, event), p.Wait(sentAt, event+later) - p.Wait(sentAt, event)}
		p.Jump(before, event, pause)
		wait := p.Wait(sentAt, event)
		if wait > min(pause, was[0])+2*time.Microsecond {
			t.Fatalf("the event waits %s, with a pause of %s and %s without a jump", wait, pause, was[0])
		}
		if wait < min(pause, was[0])-3*time.Millisecond {
			t.Fatalf("the event waits only %s, with a pause of %s and %s without a jump", wait, pause, was[0])
		}
		if d := p.Wait(sentAt, event+later) - wait - was[1]; d.Abs() > 3*time.Millisecond {
			t.Fatalf("an event %d ms later comes %s closer", later, -d)
		}
	})
}

// Ensure Until ends before the first gap, as the obvious loop finds it.
func TestGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		longest := rapid.Int64Range(0, 50).Draw(t, "longest")
		times := rapid.SliceOfN(rapid.Int64Range(-100, 500), 1, 20).Draw(t, "times")
		slices.Sort(times)
		shift := rapid.Int64Range(0, 1000).Draw(t, "shift")
		g := replay.NewGaps(time.Duration(longest) * time.Millisecond)
		want := len(times)
		for i := range times {
			if i > 0 && longest > 0 && times[i]-times[i-1] > longest {
				want = min(want, i)
			}
		}
		if got := g.Until(at(times...), shift); got != want {
			t.Fatalf("%d of %v come before a gap of %d, want %d", got, times, longest, want)
		}
		noted := times[0] + shift - rapid.Int64Range(0, 100).Draw(t, "noted before")
		g.Note(noted)
		far := longest > 0 && times[0]+shift-noted > longest
		if far {
			want = 0
		}
		if got := g.Until(at(times...), shift); got != want || g.Before(times[0]+shift) != far || g.Last() != noted {
			t.Fatalf("behind %d: %d of %v, a gap before them %v; want %d, %v", noted, got, times, g.Before(times[0]+shift), want, far)
		}
	})
}

func TestPace(t *testing.T) {
	t.Run("AsFastAsItGoes", func(t *testing.T) {
		p := replay.NewPace(0)
		p.Begin(start, 5)
		if p.Due(start) != math.MaxInt64 || p.Wait(start, math.MaxInt64) != 0 {
			t.Fatal("speedup 0 makes something wait")
		}
	})
	// Ensure a replay that was held up finds everything due that it missed.
	t.Run("CatchesUp", func(t *testing.T) {
		p := replay.NewPace(1000)
		p.Begin(start, 0)
		p.Begin(start.Add(time.Hour), 77)
		if got := p.Due(start.Add(time.Hour)); got != 3600*1000*1000 {
			t.Fatalf("got %d", got)
		}
	})
	t.Run("Late", func(t *testing.T) {
		p := replay.NewPace(1000)
		if late := p.Late(start, 0); late != 0 {
			t.Fatalf("late by %s before it begins", late)
		}
		p.Begin(start, 0)
		if late := p.Late(start.Add(time.Minute), 30_000_000); late != 30*time.Second {
			t.Fatalf("late by %s, want 30s", late)
		}
		if late := p.Late(start.Add(time.Minute), 90_000_000); late != 0 {
			t.Fatalf("late by %s before its time", late)
		}
		if p = replay.NewPace(0); p.Late(start.Add(time.Hour), 0) != 0 {
			t.Fatal("late without a pace")
		}
	})
	t.Run("NoOverflow", func(t *testing.T) {
		p := replay.NewPace(1e300)
		p.Begin(start, 0)
		if p.Due(start.Add(time.Hour)) != math.MaxInt64 {
			t.Fatal("overflow")
		}
		p = replay.NewPace(1e-9)
		p.Begin(start, 0)
		if p.Wait(start, 1e15) < time.Hour {
			t.Fatal("overflow")
		}
	})
}

func TestShifter(t *testing.T) {
	at0 := start.UnixMilli()
	for _, c := range []struct {
		name  string
		adapt replay.Adapt
		pass  int64
		want  []sent
	}{
		{"Original", replay.Original, 0, []sent{{1, 1000}, {2, 3000}}},
		{"OriginalSecondPass", replay.Original, day, []sent{{trip.ShiftID(1, day), 1000 + day}, {trip.ShiftID(2, day), 3000 + day}}},
		{"Invocation", replay.Invocation, 0, []sent{{trip.ShiftID(1, at0-1000), at0}, {trip.ShiftID(2, at0-1000), at0 + 2000}}},
		{"Ingestion", replay.Ingestion, day, []sent{{trip.ShiftID(1, at0-1000), at0}, {trip.ShiftID(2, at0-3000), at0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := replay.NewShifter(c.adapt)
			got := s.Apply(start, c.pass, at(1000, 3000))
			for i, x := range got {
				if (sent{x.ID, x.EventTime()}) != c.want[i] || x.Dropoff-x.Pickup != 60000 {
					t.Fatalf("trip %d: got %+v, want %+v", i, x, c.want[i])
				}
			}
		})
	}
	// Ensure the second pass of an invocation is shifted by both shifts at once.
	t.Run("InvocationSecondPass", func(t *testing.T) {
		s := replay.NewShifter(replay.Invocation)
		s.Apply(start, 0, at(1000))
		got := s.Apply(start.Add(time.Hour), day, at(1000))
		if want := at0 - 1000 + day; got[0].ID != trip.ShiftID(1, want) || got[0].EventTime() != at0+day {
			t.Fatalf("got %+v", got[0])
		}
	})
	t.Run("StampsNeverGoBack", func(t *testing.T) {
		s := replay.NewShifter(replay.Ingestion)
		s.Apply(start, 0, at(1000))
		if got := s.Apply(start.Add(-time.Hour), 0, at(1000)); got[0].EventTime() != at0 {
			t.Fatalf("got %d", got[0].EventTime())
		}
	})
	t.Run("Unwritable", func(t *testing.T) {
		s := replay.NewShifter(replay.Original)
		year9999 := time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC).UnixMilli()
		nan := at(5)
		nan[0].PickupLat = math.NaN()
		if got := s.Apply(start, day, append(at(0, year9999), nan...)); len(got) != 1 || s.Unwritable != 2 {
			t.Fatalf("got %d trips, %d unwritable", len(got), s.Unwritable)
		}
	})
}
