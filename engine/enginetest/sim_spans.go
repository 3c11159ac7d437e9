package enginetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"taxistream/engine"
	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

// span is a drawn kind of windows. What comes of each but panes is a function of the
// elements alone, whatever the schedule; of panes, all of one window together are.
type span struct {
	kind        string // tumbling, sliding, session, panes or global
	size, slide int64  // ms; of a session, its gap
	n           int64  // of panes: which trigger
}

// spanKinds are all kinds; of the last nothing can follow the results.
var spanKinds = []string{"tumbling", "sliding", "session", "panes", "global"}

// drawSpan draws windows; any: also those whose results nothing can follow.
func drawSpan(r *rand.Rand, any bool) span {
	kinds := spanKinds
	if !any {
		kinds = kinds[:3]
	}
	s := span{kind: kinds[r.IntN(len(kinds))], size: judgeSize * (1 + r.Int64N(5)), slide: judgeSize * (1 + r.Int64N(4)), n: r.Int64N(5)}
	switch s.kind {
	case "session":
		s.size += judgeSize / 2 // so that two never meet by a hair, depending on the schedule
	case "sliding":
		s.size = max(s.size, s.slide+judgeSize)
	}
	return s
}

// sum is a window's accumulator and, as an item, its result.
type sum struct{ Count, Keys int64 }

var sumCodec = engine.FuncCodec[sum]{
	AppendFunc: func(b []byte, s sum) []byte {
		return engine.Int64Codec{}.Append(engine.Int64Codec{}.Append(b, s.Count), s.Keys)
	},
	DecodeFunc: func(b []byte) (s sum, _ []byte, err error) {
		if s.Count, b, err = (engine.Int64Codec{}).Decode(b); err == nil {
			s.Keys, b, err = engine.Int64Codec{}.Decode(b)
		}
		return s, b, err
	},
}

// result is a window's result as an item: count and keys in one number, at its last instant.
func result(group int64, s sum, last int64) item {
	return item{Key: group + 5*(s.Count+1000*s.Keys), At: last}
}

// assigner gives the windows.
func (s span) assigner() window.Assigner {
	size := time.Duration(s.size) * time.Millisecond
	switch s.kind {
	case "sliding":
		return window.Sliding(size, time.Duration(s.slide)*time.Millisecond)
	case "session":
		return window.Session(size)
	case "global":
		return window.Global()
	}
	return window.Tumbling(size)
}

// trigger gives panes their trigger; counts: it is a count of so many before the end.
func (s span) trigger() (t trigger.Trigger, counts int64) {
	switch s.n {
	case 0:
		return trigger.EarlyAndLate(trigger.After(300*time.Millisecond), nil), 0
	case 1:
		return trigger.EarlyAndLate(trigger.Every(500*time.Millisecond), nil), 0
	case 2:
		return trigger.EveryEventTime(judgeSize / 2 * time.Millisecond), 0
	}
	return trigger.EarlyAndLate(trigger.Count(s.n-1), nil), s.n - 1
}

func (p program) window(w *world, in *engine.Stream[item], name string, s span) *engine.Stream[item] {
	if s.kind == "session" {
		in = stamped(in, name+" stamp")
	}
	byGroup := engine.KeyBy(in, func(i *item) int64 { return i.Key % 5 }, engine.Int64Codec{})
	agg := engine.Aggregation[int64, item, sum, item]{
		Add:   func(s *sum, e *engine.Element[item]) { s.Count++; s.Keys += e.Value.Key },
		Merge: func(into, from *sum) { into.Count += from.Count; into.Keys += from.Keys },
		Result: func(group int64, win window.Window, s *sum) (item, bool) {
			return result(group, *s, win.MaxTime()), true
		},
		Codec: sumCodec,
	}
	var options []engine.WindowOption
	if s.kind == "panes" {
		t, counts := s.trigger()
		agg.Pane = func(group int64, p trigger.Pane, s *sum) (item, bool) {
			if p.Timing == trigger.Early && counts > 0 && s.Count != counts {
				w.out.wrong("a pane of %d elements fires at a count of %d", s.Count, counts)
			}
			return result(group, *s, p.Window.MaxTime()), true
		}
		options = append(options, engine.Trigger(t), engine.Discarding(), engine.FinalPane())
	}
	results, late := engine.Aggregate(byGroup, name, s.assigner(), agg, options...)
	engine.SinkTo(late, name+" late", neverSink[item](w, name))
	return results
}

// stamped gives elements the last instant of their smallest window: none of them comes
// behind it, so no session that it meets has fired.
func stamped(in *engine.Stream[item], name string) *engine.Stream[item] {
	return engine.Process(in, name, func(*engine.Subtask) (engine.ProcessFunc[item, item], error) {
		return func(e *engine.Element[item], out *engine.Collector[item]) error {
			at := endOf(e.Value.At, judgeSize) - 1
			out.Emit(item{e.Value.Key, at}, at)
			return nil
		}, nil
	})
}

// model is what must come of items.
func (s span) model(items []item) (results []item) {
	sums := map[item]sum{} // by group and last instant
	add := func(group, last int64, i item) {
		k := item{group, last}
		sums[k] = sum{sums[k].Count + 1, sums[k].Keys + i.Key}
	}
	if s.kind == "session" {
		s.sessions(items, add)
	}
	for _, i := range items {
		switch s.kind {
		case "tumbling", "panes":
			add(i.Key%5, endOf(i.At, s.size)-1, i)
		case "global":
			add(i.Key%5, window.GlobalWindow.MaxTime(), i)
		case "sliding":
			for start := endOf(i.At, s.slide) - s.slide; start > i.At-s.size; start -= s.slide {
				add(i.Key%5, start+s.size-1, i)
			}
		}
	}
	for k, s := range sums {
		results = append(results, result(k.Key, s, k.At))
	}
	return results
}

// sessions puts items in order of time, and cuts where a gap is.
func (s span) sessions(items []item, add func(group, last int64, i item)) {
	byGroup := map[int64][]item{}
	for _, i := range items {
		i.At = endOf(i.At, judgeSize) - 1
		byGroup[i.Key%5] = append(byGroup[i.Key%5], i)
	}
	for group, items := range byGroup {
		slices.SortFunc(items, func(a, b item) int { return cmp.Compare(a.At, b.At) })
		from := 0
		for n := range items {
			if n+1 < len(items) && items[n+1].At <= items[n].At+s.size {
				continue
			}
			for _, i := range items[from : n+1] {
				add(group, items[n].At+s.size-1, i)
			}
			from = n + 1
		}
	}
}

// folded puts the panes of each group and window together.
func folded(lines []string) (out []string, err error) {
	sums := map[item]int64{}
	for _, line := range lines {
		var i item
		if _, err := fmt.Sscanf(line, "{%d %d}", &i.Key, &i.At); err != nil {
			return nil, fmt.Errorf("a pane is %q: %w", line, err)
		}
		sums[item{i.Key % 5, i.At}] += i.Key / 5
	}
	for k, s := range sums {
		out = append(out, fmt.Sprint(item{k.Key + 5*s, k.At}))
	}
	return out, nil
}
