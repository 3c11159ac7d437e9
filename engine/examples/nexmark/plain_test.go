package main

import (
	"fmt"
	"slices"
	"sort"

	"taxistream/engine"
)

// The queries again, over the whole slice at once: by sorting, nested loops and maps, with no engine.

type events []engine.Element[event]

func (all events) plain(query int) (lines []string) {
	f := map[int]func() []any{
		0: all.all, 1: all.converted, 2: all.selected, 3: all.local, 4: all.means, 5: all.hot, 7: all.highest, 8: all.sellers, 11: all.sessions,
	}[query]
	for _, row := range f() {
		lines = append(lines, fmt.Sprint(row))
	}
	slices.Sort(lines)
	return lines
}

func (all events) all() (rows []any) {
	for i := range all {
		rows = append(rows, &all[i].Value)
	}
	return rows
}

func (all events) bids() (bids []bid) {
	for _, e := range all {
		if e.Value.person == nil && e.Value.auction == nil {
			bids = append(bids, e.Value.bid)
		}
	}
	return bids
}

func (all events) converted() (rows []any) {
	for _, b := range all.bids() {
		rows = append(rows, braces(b.auction, b.bidder, b.price*1000-b.price*92, b.at))
	}
	return rows
}

// braces prints values as a struct of them is printed.
func braces(values ...any) string {
	text := fmt.Sprintf("%v", values)
	return "{" + text[1:len(text)-1] + "}"
}

func (all events) selected() (rows []any) {
	for _, b := range all.bids() {
		if b.auction/123*123 == b.auction {
			rows = append(rows, braces(b.auction, b.price))
		}
	}
	return rows
}

func (all events) local() (rows []any) {
	for _, a := range all {
		if a.Value.auction == nil || a.Value.auction.category != 10 {
			continue
		}
		for _, p := range all {
			if p := p.Value.person; p != nil && p.id == a.Value.auction.seller && (p.state == "OR" || p.state == "ID" || p.state == "CA") {
				rows = append(rows, fmt.Sprintf("{{%s %s %s} %d}", p.name, p.city, p.state, a.Value.auction.id))
			}
		}
	}
	return rows
}

// means looks, for each time at which an auction of a category closes, over all auctions again.
func (all events) means() (rows []any) {
	type ended struct{ category, price, at int64 }
	var closings []ended
	byAuction := map[int64][]bid{}
	for _, b := range all.bids() {
		byAuction[b.auction] = append(byAuction[b.auction], b)
	}
	for _, e := range all {
		if a := e.Value.auction; a != nil {
			best := int64(-1)
			for _, b := range byAuction[a.id] {
				if b.at >= e.EventTime && b.at <= a.expires {
					best = max(best, b.price)
				}
			}
			if best >= 0 {
				closings = append(closings, ended{a.category, best, a.expires})
			}
		}
	}
	sort.Slice(closings, func(i, j int) bool { return closings[i].at < closings[j].at })
	sum, n := map[int64]int64{}, map[int64]int64{}
	for i, c := range closings {
		sum[c.category] += c.price
		n[c.category]++
		last := true // of its category and time
		for _, later := range closings[i+1:] {
			if later.at != c.at {
				break
			}
			last = last && later.category != c.category
		}
		if last {
			rows = append(rows, braces(c.category, sum[c.category]/n[c.category], c.at))
		}
	}
	return rows
}

// hot counts each window by itself.
func (all events) hot() (rows []any) {
	bids := all.bids()
	if len(bids) == 0 {
		return nil
	}
	first, last := bids[0].at/2000*2000, bids[len(bids)-1].at
	for start := first - 8000; start <= last; start += 2000 {
		counts := map[int64]int64{}
		most := int64(0)
		for _, b := range bids {
			if b.at >= start && b.at < start+10_000 {
				counts[b.auction]++
				most = max(most, counts[b.auction])
			}
		}
		for auction, n := range counts {
			if n == most {
				rows = append(rows, braces(auction, n, start, start+10_000))
			}
		}
	}
	return rows
}

func (all events) highest() (rows []any) {
	bids := all.bids()
	best := map[int64]int64{}
	for _, b := range bids {
		best[b.at/10_000] = max(best[b.at/10_000], b.price)
	}
	for _, b := range bids {
		if b.price == best[b.at/10_000] {
			rows = append(rows, braces(b.auction, b.bidder, b.price, b.at))
		}
	}
	return rows
}

func (all events) sellers() (rows []any) {
	sold := map[[2]int64]bool{}
	for _, e := range all {
		if a := e.Value.auction; a != nil {
			sold[[2]int64{a.seller, e.EventTime / 10_000}] = true
		}
	}
	for _, e := range all {
		if p, w := e.Value.person, e.EventTime/10_000; p != nil && sold[[2]int64{p.id, w}] {
			rows = append(rows, braces(p.id, w*10_000, w*10_000+10_000))
		}
	}
	return rows
}

func (all events) sessions() (rows []any) {
	times := map[int64][]int64{}
	for _, b := range all.bids() {
		times[b.bidder] = append(times[b.bidder], b.at)
	}
	for bidder, at := range times {
		for len(at) > 0 {
			n := 1
			for n < len(at) && at[n]-at[n-1] <= 10_000 {
				n++
			}
			rows = append(rows, braces(bidder, n, at[0], at[n-1]+10_000))
			at = at[n:]
		}
	}
	return rows
}
