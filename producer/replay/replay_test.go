package replay_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/internal/trip"
	"taxistream/producer/replay"
)

// slice is an input that hands out a few trips at a time.
type slice struct {
	trips []trip.Trip
	at    int
	most  int
}

func (s *slice) Next(buf []trip.Trip) (int, error) {
	if s.at == len(s.trips) {
		return 0, io.EOF
	}
	n := copy(buf[:min(len(buf), s.most)], s.trips[s.at:])
	s.at += n
	return n, nil
}

func (s *slice) Rewind(context.Context) error { s.at = 0; return nil }

func at(times ...int64) []trip.Trip {
	out := make([]trip.Trip, len(times))
	for i, t := range times {
		out[i] = trip.Trip{ID: int64(i + 1), Pickup: t - 60000, Dropoff: t}
	}
	return out
}

type sent struct{ id, event int64 }

// all reads a replay to its end; ids and times are those of the passes.
func all(t interface{ Fatal(...any) }, r *replay.Replay, limit int) []sent {
	var out []sent
	buf := make([]trip.Trip, 3)
	for len(out) < limit {
		n, shift, err := r.Next(context.Background(), buf)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range buf[:n] {
			out = append(out, sent{x.ID, x.EventTime() + shift})
		}
	}
	return out
}

const day = 86400000

func TestReplay(t *testing.T) {
	for _, c := range []struct {
		name  string
		times []int64
		o     replay.Options
		want  []int64
		cut   bool
	}{
		{"OnePass", []int64{1, 2, 2, 5}, replay.Options{Seek: replay.NoSeek, Until: replay.NoUntil, Loop: 1}, []int64{1, 2, 2, 5}, false},
		{"Empty", nil, replay.Options{Seek: replay.NoSeek, Until: replay.NoUntil}, nil, false},
		{"SeekUntilIncluded", []int64{1, 2, 3, 4, 5}, replay.Options{Seek: 2, Until: 4, Loop: 1}, []int64{2, 3, 4}, true},
		{"UntilBehindTheData", []int64{1, 2}, replay.Options{Seek: replay.NoSeek, Until: 2, Loop: 1}, []int64{1, 2}, false},
		{"NothingLeft", []int64{1, 2}, replay.Options{Seek: 3, Until: replay.NoUntil}, nil, false},
		{"TwoPasses", []int64{10, 20}, replay.Options{Seek: replay.NoSeek, Until: replay.NoUntil, Loop: 2}, []int64{10, 20, 10 + day, 20 + day}, false},
		{"PassOfExactlyADay", []int64{0, day}, replay.Options{Seek: replay.NoSeek, Until: replay.NoUntil, Loop: 2}, []int64{0, day, 2 * day, 3 * day}, false},
		{"PassJustUnderADay", []int64{0, day - 1}, replay.Options{Seek: replay.NoSeek, Until: replay.NoUntil, Loop: 3}, []int64{0, day - 1, day, 2*day - 1, 2 * day, 3*day - 1}, false},
		{"UntilInEachPass", []int64{1, 2, 3}, replay.Options{Seek: replay.NoSeek, Until: 2, Loop: 2}, []int64{1, 2, 1 + day, 2 + day}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := replay.New(&slice{trips: at(c.times...), most: 2}, c.o)
			var got []int64
			for _, s := range all(t, r, 100) {
				got = append(got, s.event)
			}
			if !slices.Equal(got, c.want) || r.Cut() != c.cut {
				t.Fatalf("got %v, cut %v; want %v, %v", got, r.Cut(), c.want, c.cut)
			}
		})
	}
}

// Ensure what is said of a pass goes with its trips: with -until the end of a pass
// is known before the next is read.
func TestReplay_PassOfTrips(t *testing.T) {
	r := replay.New(&slice{trips: at(1, 2, 3), most: 5}, replay.Options{Seek: replay.NoSeek, Until: 2, Loop: 3})
	buf := make([]trip.Trip, 4)
	for pass := 1; pass <= 3; pass++ {
		n, shift, err := r.Next(context.Background(), buf)
		if err != nil || n != 2 || shift != int64(pass-1)*day || r.Passes() != pass || !r.Cut() || pass > 1 && r.PassEnd() != 2 {
			t.Fatalf("pass %d: %d trips, shift %d, %v; %d passes, cut %v, end %d", pass, n, shift, err, r.Passes(), r.Cut(), r.PassEnd())
		}
	}
	if _, _, err := r.Next(context.Background(), buf); err != io.EOF || r.Passes() != 3 {
		t.Fatalf("%v after %d passes", err, r.Passes())
	}
}

// Ensure a replay for ever goes on and on.
func TestReplay_ForEver(t *testing.T) {
	r := replay.New(&slice{trips: at(1, 2), most: 5}, replay.Options{Seek: replay.NoSeek, Until: replay.NoUntil})
	got := all(t, r, 1000)
	if len(got) != 1000 || got[999].event != 2+499*day {
		t.Fatalf("got %d trips, the last %v", len(got), got[len(got)-1])
	}
}

func TestReplay_OutOfOrder(t *testing.T) {
	r := replay.New(&slice{trips: at(2, 1), most: 5}, replay.Options{Until: replay.NoUntil})
	if _, _, err := r.Next(context.Background(), make([]trip.Trip, 4)); err == nil || errors.Is(err, io.EOF) {
		t.Fatalf("got %v, want an error on the order", err)
	}
}

// Ensure passes, seek and until agree with the obvious loop, whatever the sizes
// of the pieces.
func TestReplay_Model(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOfN(rapid.Int64Range(-3*day, 3*day), 0, 30).Draw(t, "times")
		slices.Sort(times)
		o := replay.Options{
			Seek:  rapid.Int64Range(-3*day, 3*day).Draw(t, "seek"),
			Until: rapid.Int64Range(-3*day, 3*day).Draw(t, "until"),
			Loop:  rapid.IntRange(1, 4).Draw(t, "loop"),
		}
		var want []sent
		shift := int64(0)
		for range o.Loop {
			var pass []sent
			for i, x := range times {
				if x >= o.Seek && x <= o.Until {
					pass = append(pass, sent{int64(i + 1), x + shift})
				}
			}
			want = append(want, pass...)
			if len(pass) == 0 {
				break
			}
			// The least number of whole days that puts the first behind the last.
			first, last := pass[0].event, pass[len(pass)-1].event
			for ; first <= last; first += day {
				shift += day
			}
		}
		in := &slice{trips: at(times...), most: rapid.IntRange(1, 40).Draw(t, "most")}
		got := all(t, replay.New(in, o), 1<<20)
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func ExamplePace() {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := replay.NewPace(1440) // a day a minute
	p.Begin(start, 0)
	fmt.Println(p.Due(start.Add(time.Second)), p.Wait(start, 86400000).Round(time.Second))
	// Output: 1440000 1m0s
}
