package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/enginetest"
)

// some are events of about two minutes, with few enough a second for sessions to end.
func some(n, parallelism int, seed uint64) (settings, events) {
	s := settings{n, parallelism, generator{seed: seed, begin: 1_767_225_603_000, rate: 100}}
	var all events
	for i := range int64(n) {
		all = append(all, s.source.at(i))
	}
	return s, all
}

// Ensure that each query gives what the plain computation gives, whatever the parallelism.
func TestQueries(t *testing.T) {
	for seed := range uint64(3) {
		_, all := some(12_000, 1, seed)
		for _, q := range queries {
			if q.number == 12 {
				continue // its windows are of processing time
			}
			want := all.plain(q.number)
			if len(want) < 10 {
				t.Fatalf("query %d has only %d results", q.number, len(want))
			}
			for _, parallelism := range []int{1, 3} {
				s, _ := some(12_000, parallelism, seed)
				out := &output{keep: true}
				if err := s.job(q, out).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				slices.Sort(out.lines)
				if !slices.Equal(out.lines, want) {
					t.Errorf("query %d, seed %d, parallelism %d: %d results, want %d: %s", q.number, seed, parallelism, len(out.lines), len(want), difference(out.lines, want))
				}
			}
		}
	}
}

// difference is the first that is on one side only.
func difference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			return fmt.Sprintf("at %d %q, want %q", i, got[i:min(len(got), i+1)], want[i:min(len(want), i+1)])
		}
	}
	return "none"
}

// Ensure that query 12 counts by the time that the clock shows when a bid comes, on a clock turned by hand.
func TestQuery12(t *testing.T) {
	h := enginetest.NewHarness(engine.Config{Parallelism: 2})
	in := enginetest.NewInput[event](h, "events")
	out := &output{keep: true}
	if err := h.Open(t.Context(), func(job *engine.Job) { processingTime(in.Stream(job), out) }); err != nil {
		t.Fatal(err)
	}
	_, all := some(3000, 1, 5)
	counts := map[[2]int64]int{}
	for i, e := range all {
		if err := in.Element(e.Value, e.EventTime); err != nil {
			t.Fatal(err)
		}
		if e.Value.kind == isBid {
			counts[[2]int64{e.Value.bid.bidder, h.Clock.Now().UnixMilli() / 10_000}]++
		}
		step := 7 * time.Millisecond
		if i%1000 == 999 {
			step = time.Minute // a pause: its windows have nothing
		}
		if err := h.Advance(step); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Drain(); err != nil {
		t.Fatal(err)
	}
	var want []string
	for place, n := range counts {
		want = append(want, braces(place[0], n, place[1]*10_000, place[1]*10_000+10_000))
	}
	slices.Sort(want)
	slices.Sort(out.lines)
	if len(want) < 30 || !slices.Equal(out.lines, want) {
		t.Errorf("%d results, want %d: %s", len(out.lines), len(want), difference(out.lines, want))
	}
}

// Ensure that the stream has the benchmark's proportions, refers to what there is, and is the same each time.
func TestGenerator(t *testing.T) {
	s, all := some(50_000, 1, 1)
	count := map[kind]int{}
	people, auctions := map[int64]bool{}, map[int64]int64{}
	byAuction := map[int64]int{}
	last := int64(0)
	for i, e := range all {
		if again := s.source.at(int64(i)); again.Value.String() != e.Value.String() || e.EventTime < last {
			t.Fatalf("event %d is %v, then %v", i, &e.Value, &again.Value)
		}
		last = e.EventTime
		count[e.Value.kind]++
		switch v := e.Value; v.kind {
		case isPerson:
			people[v.person.id] = true
		case isAuction:
			auctions[v.auction.id] = v.auction.expires
			if !people[v.auction.seller] || v.auction.expires <= e.EventTime || v.auction.reserve <= v.auction.initialBid {
				t.Fatalf("event %d: %v", i, &v)
			}
		case isBid:
			byAuction[v.bid.auction]++
			if auctions[v.bid.auction] == 0 || !people[v.bid.bidder] || v.bid.at != e.EventTime || v.bid.price < 100 {
				t.Fatalf("event %d: %v", i, &v)
			}
		}
	}
	if count[isPerson] != 1000 || count[isAuction] != 3000 || count[isBid] != 46_000 {
		t.Errorf("counts %v", count)
	}
	hot := 0
	for auction, n := range byAuction {
		if auction%hotEvery == 0 {
			hot += n
		}
	}
	if hot < 20_000 || hot > 27_000 {
		t.Errorf("%d of 46,000 bids are for popular auctions", hot)
	}
}

// Ensure that the program prints a line for each query, and results if asked.
func TestRun(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "usage: nexmark"},
		{[]string{"-events", "5000", "-parallelism", "2"}, 0, "bids of a person by session"},
		{[]string{"-query", "2", "-events", "2000", "-print"}, 0, "{1107 "},
		{[]string{"-query", "6"}, 2, "-query"},
		{[]string{"-rate", "0"}, 2, "-rate"},
		{[]string{"-query", "8", "-events", "0"}, 0, "           0           0"},
	} {
		var out strings.Builder
		if code := run(c.args, &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: status %d, %s", c.args, code, out.String())
		}
	}
}
