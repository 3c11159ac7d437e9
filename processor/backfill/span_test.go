package backfill

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/internal/opensearch"
	"taxistream/internal/trip"
)

// slice is an input in memory, some trips at a time.
type slice struct {
	trips []trip.Trip
	most  int
	err   error // instead of the end
}

func (s *slice) Next(buf []trip.Trip) (int, error) {
	if len(s.trips) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		return 0, io.EOF
	}
	n := copy(buf[:min(s.most, len(buf))], s.trips)
	s.trips = s.trips[n:]
	return n, nil
}

func ending(times ...int64) []trip.Trip {
	out := make([]trip.Trip, len(times))
	for i, t := range times {
		out[i] = trip.Trip{ID: int64(i + 1), Pickup: t, Dropoff: t}
	}
	return out
}

// Ensure every trip is in one span, in order, between its edges, and that edges lie between windows.
func TestCutter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOf(rapid.Int64Range(-100000, 3_000_000)).Draw(t, "times")
		slices.Sort(times)
		after := rapid.SampledFrom([]int64{-1 << 63, 0, 60000, 1_200_000}).Draw(t, "after")
		c := &cutter{in: &slice{trips: ending(times...), most: rapid.IntRange(1, 50).Draw(t, "most")}, period: 60000, after: after, prev: -1 << 63, enough: rapid.Int64Range(1, 20).Draw(t, "enough")}
		var spans []*span
		var got []int64
		var takers sync.WaitGroup
		if err := c.each(t.Context(), func(s *span) error {
			takers.Wait()
			spans = append(spans, s)
			takers.Go(func() {
				for b := range s.batches {
					for i := range b {
						got = append(got, b[i].Dropoff)
					}
				}
			})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		takers.Wait()
		first, _ := slices.BinarySearch(times, after)
		if want := times[first:]; !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		sum, last := int64(0), int64(-1<<63)
		for _, s := range spans {
			if s.from%60000 != 0 || s.to%60000 != 0 || s.from < last || s.to <= s.from || s.trips == 0 {
				t.Fatalf("a span from %d to %d behind %d with %d trips", s.from, s.to, last, s.trips)
			}
			for _, at := range got[sum : sum+s.trips] {
				if at < s.from || at >= s.to {
					t.Fatalf("%d lies outside %d to %d", at, s.from, s.to)
				}
			}
			sum, last = sum+s.trips, s.to
		}
	})
}

// Ensure a span ends at the first edge behind enough trips, and only there.
func TestCutter_Size(t *testing.T) {
	times := make([]int64, 5*spanTrips)
	for i := range times {
		times[i] = int64(i) // one period of 100,000 ms holds more than a span's trips
	}
	c := &cutter{in: &slice{trips: ending(times...), most: 1 << 20}, period: 100000, after: -1 << 63, prev: -1 << 63, enough: spanTrips}
	var ends []int64
	if err := c.each(t.Context(), func(s *span) error {
		go func() {
			for range s.batches {
			}
		}()
		ends = append(ends, s.from)
		return nil
	}); err != nil || !slices.Equal(ends, []int64{0, 100000, 200000, 300000}) {
		t.Fatalf("spans from %v, %v", ends, err)
	}
}

func TestPeriod(t *testing.T) {
	for _, c := range []struct {
		a, b time.Duration
		want int64
	}{
		{10 * time.Minute, time.Hour, 3_600_000},
		{7 * time.Minute, time.Hour, 7 * 3_600_000},
		{time.Hour, 10 * time.Minute, 3_600_000},
		{time.Millisecond, time.Millisecond, 1},
		{1<<62 + 1e6, 1 << 62, 0},
	} {
		if got := period(c.a, c.b); got != c.want {
			t.Errorf("%v and %v: %d ms, want %d", c.a, c.b, got, c.want)
		}
	}
}

// Ensure an input's error, one out of order and a document that cannot be delivered end the run, each as itself.
func TestRun_Errors(t *testing.T) {
	broken, full := errors.New("broken"), errors.New("full")
	nothing := func(context.Context, []opensearch.Document, Done) error { return nil }
	run := func(in *slice, deliver func(context.Context, []opensearch.Document, Done) error) error {
		var c Config
		c.Job.Rules, c.Job.HotspotMin, c.Parallel, c.Deliver, c.Job.Now = trip.DefaultRules, 1, 2, deliver, time.Now
		_, err := Run(t.Context(), in, c)
		return err
	}
	if err := run(&slice{trips: ending(1, 2), most: 9, err: broken}, nothing); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if err := run(&slice{trips: ending(2, 1), most: 9}, nothing); err == nil || !strings.Contains(err.Error(), "not in event-time order") {
		t.Errorf("got %v", err)
	}
	if err := run(&slice{trips: ending(1, 2), most: 9}, func(context.Context, []opensearch.Document, Done) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}
