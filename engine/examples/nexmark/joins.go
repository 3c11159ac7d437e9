package main

import (
	"taxistream/engine"
	"taxistream/engine/window"
)

type seller struct{ name, city, state string }

var sellerCodec = engine.FuncCodec[seller]{
	AppendFunc: func(dst []byte, s seller) []byte {
		for _, text := range []string{s.name, s.city, s.state} {
			dst = engine.StringCodec{}.Append(dst, text)
		}
		return dst
	},
	DecodeFunc: func(src []byte) (s seller, rest []byte, err error) {
		for _, text := range []*string{&s.name, &s.city, &s.state} {
			if *text, src, err = (engine.StringCodec{}).Decode(src); err != nil {
				break
			}
		}
		return s, src, err
	},
}

type localItem struct {
	seller
	auction int64
}

// localItems is query 3: SELECT name, city, state, A.id FROM auction A JOIN person P ON A.seller = P.id WHERE A.category = 10 AND
// P.state IN ('OR', 'ID', 'CA'). As the SQL it has no window, so a person's state stays for ever; give it a TTL where that
// is too much (engine.WithTTL). Auctions that come before their seller wait for him.
func localItems(in *engine.Stream[event], out *output) {
	relevant := engine.Filter(in, "relevant", func(e *event) bool {
		switch e.kind {
		case isPerson:
			return e.person.state == "OR" || e.person.state == "ID" || e.person.state == "CA"
		case isAuction:
			return e.auction.category == 10
		case isBid:
		}
		return false
	})
	bySeller := engine.KeyBy(relevant, func(e *event) int64 {
		if e.kind == isPerson {
			return e.person.id
		}
		return e.auction.seller
	}, engine.Int64Codec{})
	results(engine.ProcessKeyed(bySeller, "join", openLocalItems), out)
}

func openLocalItems(s *engine.Subtask) (engine.KeyedProcess[int64, event, localItem], error) {
	known := engine.NewValueState(s, "seller", sellerCodec)
	waiting := engine.NewListState(s, "waiting", engine.Int64Codec{})
	return engine.KeyedProcess[int64, event, localItem]{
		Element: func(_ *engine.Key[int64], e *engine.Element[event], out *engine.Collector[localItem]) error {
			if a := e.Value.auction; a != nil {
				if s, ok := known.Get(); ok {
					out.Emit(localItem{s, a.id}, e.EventTime)
				} else {
					waiting.Append(a.id)
				}
				return nil
			}
			p := seller{e.Value.person.name, e.Value.person.city, e.Value.person.state}
			known.Set(p)
			for id := range waiting.All() {
				out.Emit(localItem{p, id}, e.EventTime)
			}
			waiting.Clear()
			return nil
		},
	}, nil
}

type registered struct{ id int64 }

var registeredCodec = ints(func(r *registered) []*int64 { return []*int64{&r.id} })

type newSeller struct{ id, start, end int64 }

// newSellers is query 8: people who registered and sold something in the same TUMBLE(dateTime, 10 s), once each. The SQL also
// selects the name, which the id stands for here.
func newSellers(in *engine.Stream[event], out *output) {
	only := func(name string, id func(*event) (int64, bool)) *engine.KeyedStream[int64, registered] {
		some := engine.FlatMap(in, name, func(e *event, emit func(registered)) {
			if id, ok := id(e); ok {
				emit(registered{id})
			}
		})
		return engine.KeyBy(some, func(r *registered) int64 { return r.id }, engine.Int64Codec{})
	}
	people := only("people", func(e *event) (int64, bool) {
		if e.kind != isPerson {
			return 0, false
		}
		return e.person.id, true
	})
	sellers := only("sellers", func(e *event) (int64, bool) {
		if e.kind != isAuction {
			return 0, false
		}
		return e.auction.seller, true
	})
	pairs, _, _ := engine.JoinWindows(people, sellers, "join", window.Tumbling(size), registeredCodec, registeredCodec,
		func(w window.Window, p, _ *engine.Element[registered]) (newSeller, bool) {
			return newSeller{p.Value.id, w.Start, w.End}, true
		})
	byID := engine.KeyBy(pairs, func(n *newSeller) int64 { return n.id }, engine.Int64Codec{})
	once, _, _ := engine.Distinct(byID, "once", func(n *newSeller) int64 { return n.end })
	results(once, out)
}

type closed struct{ category, price, at int64 }

type meanPrice struct{ category, mean, at int64 }

// averagePrice is query 4: the mean, by category, of the highest bid of each auction between its dateTime and expires. The SQL
// changes its results as bids come in and takes back what it said before; here an auction counts when it closes, which the
// watermark tells, and a category's mean of all auctions so far follows at each time at which some close: final at once.
func averagePrice(in *engine.Stream[event], out *output) {
	offered := engine.Filter(in, "offered", func(e *event) bool { return e.kind != isPerson })
	byAuction := engine.KeyBy(offered, func(e *event) int64 {
		if e.kind == isAuction {
			return e.auction.id
		}
		return e.bid.auction
	}, engine.Int64Codec{})
	closings := engine.ProcessKeyed(byAuction, "close", openClose)
	byCategory := engine.KeyBy(closings, func(c *closed) int64 { return c.category }, engine.Int64Codec{})
	results(engine.ProcessKeyed(byCategory, "mean", openMean), out)
}

type terms struct{ category, begin, expires int64 }

// openClose makes the function that waits for an auction's end. Read in several splits, bids may come before their
// auction, though none is older: they wait. Those for an auction that has ended wait until the watermark has passed them.
func openClose(s *engine.Subtask) (engine.KeyedProcess[int64, event, closed], error) {
	known := engine.NewValueState(s, "terms", ints(func(t *terms) []*int64 { return []*int64{&t.category, &t.begin, &t.expires} }))
	waiting := engine.NewListState(s, "bids", offerCodec)
	highest := engine.NewReducingState(s, "highest", engine.Int64Codec{}, func(a, b int64) int64 { return max(a, b) })
	count := func(t terms, o offer) {
		if t.begin <= o.at && o.at <= t.expires {
			highest.Add(o.price)
		}
	}
	return engine.KeyedProcess[int64, event, closed]{
		Element: func(k *engine.Key[int64], e *engine.Element[event], _ *engine.Collector[closed]) error {
			t, open := known.Get()
			switch a := e.Value.auction; {
			case a != nil:
				t = terms{a.category, e.EventTime, a.expires}
				known.Set(t)
				for o := range waiting.All() {
					count(t, o)
				}
				waiting.Clear()
				k.SetEventTimer(a.expires)
			case open:
				count(t, offer{price: e.Value.bid.price, at: e.EventTime})
			default:
				waiting.Append(offer{price: e.Value.bid.price, at: e.EventTime})
				k.SetEventTimer(e.EventTime)
			}
			return nil
		},
		Timer: func(_ *engine.Key[int64], timer engine.Timer, out *engine.Collector[closed]) error {
			waiting.Clear() // their auction would have come by now
			t, open := known.Get()
			if !open || timer.At < t.expires {
				return nil
			}
			if price, ok := highest.Get(); ok {
				out.Emit(closed{t.category, price, t.expires}, t.expires)
			}
			known.Clear()
			highest.Clear()
			return nil
		},
	}, nil
}

type total struct{ sum, n int64 }

var totalCodec = ints(func(t *total) []*int64 { return []*int64{&t.sum, &t.n} })

// openMean makes the function of a category. Auctions that close at one time come in any order, so the timer takes them
// together.
func openMean(s *engine.Subtask) (engine.KeyedProcess[int64, closed, meanPrice], error) {
	sum := engine.NewValueState(s, "total", totalCodec)
	closing := engine.NewMapState(s, "closing", engine.Int64Codec{}, totalCodec)
	return engine.KeyedProcess[int64, closed, meanPrice]{
		Element: func(k *engine.Key[int64], e *engine.Element[closed], _ *engine.Collector[meanPrice]) error {
			t, _ := closing.Get(e.Value.at)
			closing.Put(e.Value.at, total{t.sum + e.Value.price, t.n + 1})
			k.SetEventTimer(e.Value.at)
			return nil
		},
		Timer: func(k *engine.Key[int64], timer engine.Timer, out *engine.Collector[meanPrice]) error {
			t, _ := closing.Get(timer.At)
			closing.Delete(timer.At)
			all, _ := sum.Get()
			all = total{all.sum + t.sum, all.n + t.n}
			sum.Set(all)
			out.Emit(meanPrice{k.Value(), all.sum / all.n, timer.At}, timer.At)
			return nil
		},
	}, nil
}
