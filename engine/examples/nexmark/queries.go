package main

import (
	"slices"
	"time"

	"taxistream/engine"
	"taxistream/engine/window"
)

// query is one of the benchmark's, with what it does differently from its published SQL.
type query struct {
	number int
	about  string
	build  func(in *engine.Stream[event], out *output)
}

var queries = []query{
	{0, "every event as it is", passThrough},
	{1, "bids in another currency", currency},
	{2, "bids for some auctions", selection},
	{3, "who sells in some states", localItems},
	{4, "mean closing price by category", averagePrice},
	{5, "auctions with the most bids", hotItems},
	{7, "highest bid of each ten seconds", highestBid},
	{8, "new people who sell at once", newSellers},
	{11, "bids of a person by session", userSessions},
	{12, "bids of a person by ten seconds of processing time", processingTime},
}

// The windows of queries 5, 7, 8, 11 and 12.
const (
	size  = 10 * time.Second
	slide = 2 * time.Second
)

func bids(in *engine.Stream[event]) *engine.Stream[bid] {
	return engine.FlatMap(in, "bids", func(e *event, emit func(bid)) {
		if e.kind == isBid {
			emit(e.bid)
		}
	})
}

// passThrough is query 0: SELECT auction, bidder, price, ... FROM bid, which the published suite measures with bids; here all
// kinds pass.
func passThrough(in *engine.Stream[event], out *output) { results(in, out) }

type converted struct {
	auction, bidder int64
	price           int64 // thousandths of a cent: the rate is 0.908, and no digit is lost
	at              int64
}

// currency is query 1: SELECT auction, bidder, 0.908 * price, ... FROM bid.
func currency(in *engine.Stream[event], out *output) {
	results(engine.Map(bids(in), "convert", func(b *bid) converted { return converted{b.auction, b.bidder, b.price * 908, b.at} }), out)
}

type priced struct{ auction, price int64 }

// selection is query 2: SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0.
func selection(in *engine.Stream[event], out *output) {
	some := engine.Filter(bids(in), "some", func(b *bid) bool { return b.auction%123 == 0 })
	results(engine.Map(some, "priced", func(b *bid) priced { return priced{b.auction, b.price} }), out)
}

type seen struct {
	bidder, n  int64
	start, end int64 // ms
}

// countByBidder counts the bids of each person by window.
func countByBidder(in *engine.Stream[event], windows window.Assigner) *engine.Stream[seen] {
	byBidder := engine.KeyBy(bids(in), func(b *bid) int64 { return b.bidder }, engine.Int64Codec{})
	counts, _ := engine.Aggregate(byBidder, "count", windows, engine.Count[int64, bid]())
	return engine.Map(counts, "seen", func(c *engine.Aggregated[int64, int64]) seen {
		return seen{c.Key, c.Value, c.Window.Start, c.Window.End}
	})
}

// userSessions is query 11: SELECT bidder, count(*), ... FROM bid GROUP BY bidder, SESSION(dateTime, INTERVAL '10' SECOND). The
// session's end is behind its last bid by the gap, as in SQL.
func userSessions(in *engine.Stream[event], out *output) {
	results(countByBidder(in, window.Session(size)), out)
}

// processingTime is query 12: the same by TUMBLE(PROCTIME(), INTERVAL '10' SECOND). Windows that are open at the end of a
// bounded stream end with it.
func processingTime(in *engine.Stream[event], out *output) {
	results(countByBidder(in, window.ProcessingTime(window.Tumbling(size))), out)
}

// greatest keeps, of what has one key and window, those for which value is greatest: all of them, where several are equal.
func greatest[K comparable, T any](value func(*T) int64, codec engine.Codec[T]) engine.Aggregation[K, T, []T, []T] {
	add := func(acc *[]T, v *T) {
		switch {
		case len(*acc) == 0 || value(v) == value(&(*acc)[0]):
			*acc = append(*acc, *v)
		case value(v) > value(&(*acc)[0]):
			*acc = append((*acc)[:0], *v)
		}
	}
	return engine.Aggregation[K, T, []T, []T]{
		Add: func(acc *[]T, e *engine.Element[T]) { add(acc, &e.Value) },
		Merge: func(into, from *[]T) {
			for i := range *from {
				add(into, &(*from)[i])
			}
		},
		Result: func(_ K, _ window.Window, acc *[]T) ([]T, bool) { return slices.Clone(*acc), true },
		Codec:  list(codec),
	}
}

func each[T any](in *engine.Stream[[]T], name string) *engine.Stream[T] {
	return engine.FlatMap(in, name, func(all *[]T, emit func(T)) {
		for _, v := range *all {
			emit(v)
		}
	})
}

type popular struct {
	auction, n int64
	start, end int64 // ms
}

var popularCodec = ints(func(p *popular) []*int64 { return []*int64{&p.auction, &p.n, &p.start, &p.end} })

// hotItems is query 5: the auctions whose count of bids is the greatest of all in HOP(dateTime, 2 s, 10 s). The SQL joins the
// counts with their maximum; here the counts of one window meet under its start, where the greatest are kept. A count's
// event time is the last instant of its window, so a tumbling window of the slide holds the counts of one window and no others.
func hotItems(in *engine.Stream[event], out *output) {
	byAuction := engine.KeyBy(bids(in), func(b *bid) int64 { return b.auction }, engine.Int64Codec{})
	counts, _ := engine.Aggregate(byAuction, "count", window.Sliding(size, slide), engine.Count[int64, bid]())
	counted := engine.Map(counts, "counted", func(c *engine.Aggregated[int64, int64]) popular {
		return popular{c.Key, c.Value, c.Window.Start, c.Window.End}
	})
	byWindow := engine.KeyBy(counted, func(p *popular) int64 { return p.start }, engine.Int64Codec{})
	top, _ := engine.Aggregate(byWindow, "top", window.Tumbling(slide), greatest[int64](func(p *popular) int64 { return p.n }, popularCodec))
	results(each(top, "each"), out)
}

type offer struct{ auction, bidder, price, at int64 }

var offerCodec = ints(func(o *offer) []*int64 { return []*int64{&o.auction, &o.bidder, &o.price, &o.at} })

// highestBid is query 7: the bids whose price is the highest in TUMBLE(dateTime, 10 s). The SQL joins bids with the maximum;
// here the highest of each auction are found in parallel, and then the highest of those.
func highestBid(in *engine.Stream[event], out *output) {
	price := func(o *offer) int64 { return o.price }
	offers := engine.Map(bids(in), "offers", func(b *bid) offer { return offer{b.auction, b.bidder, b.price, b.at} })
	byAuction := engine.KeyBy(offers, func(o *offer) int64 { return o.auction }, engine.Int64Codec{})
	local, _ := engine.Aggregate(byAuction, "of each auction", window.Tumbling(size), greatest[int64](price, offerCodec))
	together := engine.KeyBy(each(local, "each of an auction"), func(o *offer) int64 { return window.Start(o.at, size.Milliseconds()) }, engine.Int64Codec{})
	global, _ := engine.Aggregate(together, "of all", window.Tumbling(size), greatest[int64](price, offerCodec))
	results(each(global, "each"), out)
}
