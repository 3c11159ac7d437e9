package engine_test

import (
	"time"

	"taxistream/engine"
	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

// panicCases are all kinds of user functions. operator and element are what a failure must name; operator "": the job.
var panicCases = []struct {
	name, operator, element string
	set                     func(p *panicPlan)
}{
	{"map", "map", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		sinkAll(engine.Map(in, "map", func(v *int64) int64 { fails(*v); return *v }))
	})},
	{"filter", "filter", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		sinkAll(engine.Filter(in, "filter", func(v *int64) bool { fails(*v); return true }))
	})},
	{"flat map", "flat map", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		sinkAll(engine.FlatMap(in, "flat map", func(v *int64, emit func(int64)) { emit(*v); fails(*v) }))
	})},
	{"map behind a union", "map", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		sinkAll(engine.Map(engine.Union("union", in), "map", func(v *int64) int64 { fails(*v); return *v }))
	})},
	{"process", "process", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		sinkAll(engine.Process(in, "process", func(*engine.Subtask) (engine.ProcessFunc[int64, int64], error) {
			return func(e *engine.Element[int64], _ *engine.Collector[int64]) error { fails(e.Value); return nil }, nil
		}))
	})},
	{"open of a process function", "process", "", in(func(in *engine.Stream[int64], fails func(int64)) {
		sinkAll(engine.Process(in, "process", func(*engine.Subtask) (engine.ProcessFunc[int64, int64], error) {
			fails(bad)
			return func(*engine.Element[int64], *engine.Collector[int64]) error { return nil }, nil
		}))
	})},

	{"key, sending", "reduce", badElement, in(func(in *engine.Stream[int64], fails func(int64)) { reduced(byDigit(in, fails), nothing) })},
	{"key's codec", "reduce", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		reduced(engine.KeyBy(in, func(v *int64) int64 { return *v }, failingCodec{appends: fails, decodes: nothing}), nothing)
	})},
	{"key of a distinct", "distinct", badElement, one(func(in *engine.Stream[int64], fails func(int64)) { distinct(byDigit(in, fails), nothing) })},
	{"until of a distinct", "distinct", badElement, in(func(in *engine.Stream[int64], fails func(int64)) { distinct(byDigit(in, nothing), fails) })},
	{"reduce", "reduce", badElement, in(func(in *engine.Stream[int64], fails func(int64)) { reduced(byDigit(in, nothing), fails) })},

	{"key of a window", "window", badElement, one(windowed64(tumbling10, nothing, nothing, nothing))},
	{"add", "window", badElement, in(windowedBy(tumbling10, nothing, "add"))},
	{"result", "window", "window [1970-01-01T00:00:00.050Z, 1970-01-01T00:00:00.060Z) of 3", in(windowedBy(tumbling10, nothing, "result"))},
	{"add, sliding", "window", badElement, in(windowedBy(sliding10, nothing, "add"))},
	{"result, sliding", "window", "window [1970-01-01T00:00:00.045Z, 1970-01-01T00:00:00.055Z) of 3", in(windowedBy(sliding10, nothing, "result"))},
	{"merge, sliding", "window", "window [1970-01-01T00:00:00.045Z, 1970-01-01T00:00:00.055Z) of 3", in(windowedBy(sliding10, nothing, "merge"))},
	{"add, session", "window", badElement, in(windowedBy(window.Session(2*time.Millisecond), nothing, "add"))},
	{"result, session", "window", "window [1970-01-01T00:00:00.053Z, 1970-01-01T00:00:00.055Z) of 3", in(windowedBy(window.Session(2*time.Millisecond), nothing, "result"))},
	{"merge, session", "window", "63@1970-01-01T00:00:00.063Z", in(windowedBy(window.Session(11*time.Millisecond), nothing, "merge"))},
	{"gap", "window", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		by := window.SessionBy(func(v *int64) time.Duration { fails(*v); return time.Millisecond })
		windowed64(by, nothing, nothing, nothing)(in, nothing)
	})},
	{"trigger, element", "window", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		windowed64(tumbling10, nothing, nothing, nothing, engine.Trigger(failingTrigger{trigger.EventTime(), fails, nothing}))(in, nothing)
	})},
	{"trigger, time", "window", "window [1970-01-01T00:00:00.053Z, 1970-01-01T00:00:00.054Z) of 3", in(func(in *engine.Stream[int64], fails func(int64)) {
		windowed64(window.Tumbling(time.Millisecond), nothing, nothing, nothing, engine.Trigger(failingTrigger{trigger.EventTime(), nothing, fails}))(in, nothing)
	})},
	{"assigner", "window", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		windowed64(failingWindows{fails}, nothing, nothing, nothing)(in, nothing)
	})},
	{"accumulator's codec", "window", "", in(func(in *engine.Stream[int64], fails func(int64)) {
		agg := latestOf(nothing, nothing, nothing, failingCodec{appends: func(int64) { fails(bad) }, decodes: nothing})
		results, _ := engine.Aggregate(byDigit(in, nothing), "window", window.Tumbling(time.Hour), agg)
		sinkAll(results)
	})},

	{"process by key", "process", badElement, in(processed(func(fails func(int64)) engine.KeyedProcess[int64, int64, int64] {
		return engine.KeyedProcess[int64, int64, int64]{Element: func(_ *engine.Key[int64], e *engine.Element[int64], _ *engine.Collector[int64]) error {
			fails(e.Value)
			return nil
		}}
	}))},
	{"timer of event time", "process", "timer of 3@1970-01-01T00:00:00.058Z", in(processed(func(fails func(int64)) engine.KeyedProcess[int64, int64, int64] {
		return engine.KeyedProcess[int64, int64, int64]{
			Element: func(k *engine.Key[int64], e *engine.Element[int64], _ *engine.Collector[int64]) error {
				k.SetEventTimer(e.EventTime + 5)
				return nil
			},
			Timer: func(_ *engine.Key[int64], t engine.Timer, _ *engine.Collector[int64]) error {
				fails(t.At - 5)
				return nil
			},
		}
	}))},
	{"timer of processing time", "process", "processing timer of 3@1970-01-01T00:00:00.053Z", in(processed(func(fails func(int64)) engine.KeyedProcess[int64, int64, int64] {
		return engine.KeyedProcess[int64, int64, int64]{
			Element: func(k *engine.Key[int64], e *engine.Element[int64], _ *engine.Collector[int64]) error {
				k.SetProcessingTimer(time.UnixMilli(e.EventTime)) // long ago
				return nil
			},
			Timer: func(_ *engine.Key[int64], t engine.Timer, _ *engine.Collector[int64]) error { fails(t.At); return nil },
		}
	}))},
	{"open of a process function by key", "process", "", in(processed(func(fails func(int64)) engine.KeyedProcess[int64, int64, int64] {
		fails(bad)
		return engine.KeyedProcess[int64, int64, int64]{Element: func(*engine.Key[int64], *engine.Element[int64], *engine.Collector[int64]) error { return nil }}
	}))},
	{"state's codec", "process", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		sinkAll(engine.ProcessKeyed(byDigit(in, nothing), "process", func(s *engine.Subtask) (engine.KeyedProcess[int64, int64, int64], error) {
			last := engine.NewValueState(s, "last", failingCodec{appends: fails, decodes: nothing})
			return engine.KeyedProcess[int64, int64, int64]{Element: func(_ *engine.Key[int64], e *engine.Element[int64], _ *engine.Collector[int64]) error {
				last.Set(e.Value)
				return nil
			}}, nil
		}))
	})},

	{"join by interval", "join", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		keyed := byDigit(in, nothing)
		pairs, _, _ := engine.IntervalJoin(keyed, keyed, "join", engine.Interval{}, engine.Int64Codec{}, engine.Int64Codec{},
			func(l, _ *engine.Element[int64]) (int64, bool) { fails(l.Value); return l.Value, true })
		sinkAll(pairs)
	})},
	{"codec of a join", "join", badElement, in(func(in *engine.Stream[int64], fails func(int64)) {
		keyed, codec := byDigit(in, nothing), failingCodec{appends: fails, decodes: nothing}
		pairs, _, _ := engine.IntervalJoin(keyed, keyed, "join", engine.Interval{}, codec, codec, func(l, _ *engine.Element[int64]) (int64, bool) { return l.Value, true })
		sinkAll(pairs)
	})},
	{"join by window", "join", "timer of 3@1970-01-01T00:00:00.059Z", in(func(in *engine.Stream[int64], fails func(int64)) {
		keyed := byDigit(in, nothing)
		pairs, _, _ := engine.JoinWindows(keyed, keyed, "join", tumbling10, engine.Int64Codec{}, engine.Int64Codec{},
			func(_ window.Window, l, _ *engine.Element[int64]) (int64, bool) { fails(l.Value); return l.Value, true })
		sinkAll(pairs)
	})},

	{"watermark generator", "in", badElement, func(p *panicPlan) {
		p.strategy = engine.Punctuated(func(e *engine.Element[int64]) (int64, bool) { p.fails(e.Value); return e.EventTime, true })
		p.build = sinkAll[int64]
	}},
	{"list splits", "in", "", reads("splits")},
	{"open a split", "in", "", reads("open")},
	{"read a split", "in", "", reads("next")},
	{"close a split", "in", "", reads("close")},
	{"open a sink", "out", "", writes("open")},
	{"write", "out", badElement, writes("write")},
	{"prepare", "out", "", writes("prepare")},
	{"committed", "out", "", writes("committed")},
	{"tick of a sink", "out", "", writes("tick")},
	{"close a sink", "out", "", func(p *panicPlan) { writes("close")(p); p.source = sequenceOf(100, 1) }},
	{"hook", "", "", func(p *panicPlan) {
		p.config.Hooks.OnCheckpoint = func(engine.CheckpointEvent) { p.fails(bad) }
		p.build = sinkAll[int64]
	}},
	{"store", "", "", func(p *panicPlan) {
		p.config.Store = failingStore{p.config.Store, p.fails}
		p.build = sinkAll[int64]
	}},
}

func in(build func(in *engine.Stream[int64], fails func(int64))) func(p *panicPlan) {
	return func(p *panicPlan) { p.build = func(in *engine.Stream[int64]) { build(in, p.fails) } }
}

// one is a plan of one subtask: senders need no keys, so the first to ask for one is the operator.
func one(build func(in *engine.Stream[int64], fails func(int64))) func(p *panicPlan) {
	return func(p *panicPlan) {
		p.config.Parallelism = 1
		in(build)(p)
	}
}

func reads(call string) func(p *panicPlan) {
	return func(p *panicPlan) {
		p.source = failingSource{endless{sequenceOf(100, 1)}, call, p.fails}
		p.build = sinkAll[int64]
	}
}

func writes(call string) func(p *panicPlan) {
	return func(p *panicPlan) {
		p.config.BatchSize = 1 // a sink's failure names the first element of a batch
		p.build = func(in *engine.Stream[int64]) {
			engine.SinkTo(engine.Union("union", in), "out", engine.Sink[int64](failingSink{call, p.fails}))
		}
	}
}

var (
	tumbling10 = window.Tumbling(10 * time.Millisecond)
	sliding10  = window.Sliding(10*time.Millisecond, 5*time.Millisecond)
)

func byDigit(in *engine.Stream[int64], fails func(int64)) *engine.KeyedStream[int64, int64] {
	return engine.KeyBy(in, func(v *int64) int64 { fails(*v); return *v % 10 }, engine.Int64Codec{})
}

func reduced(in *engine.KeyedStream[int64, int64], fails func(int64)) {
	sinkAll(engine.Reduce(in, "reduce", engine.Int64Codec{}, func(_, b int64) int64 { fails(b); return b }))
}

func distinct(in *engine.KeyedStream[int64, int64], fails func(int64)) {
	unique, _, _ := engine.Distinct(in, "distinct", func(v *int64) int64 { fails(*v); return 1000 })
	sinkAll(unique)
}

// latestOf keeps the number that came last, or of merged windows the greatest. Each of its functions calls another.
func latestOf(add, merge, result func(int64), codec engine.Codec[int64]) engine.Aggregation[int64, int64, int64, int64] {
	return engine.Aggregation[int64, int64, int64, int64]{
		Add:    func(acc *int64, e *engine.Element[int64]) { add(e.Value); *acc = e.Value },
		Merge:  func(into, from *int64) { *into = max(*into, *from); merge(*into) },
		Result: func(_ int64, _ window.Window, acc *int64) (int64, bool) { result(*acc); return *acc, true },
		Codec:  codec,
	}
}

func windowed64(w window.Assigner, add, merge, result func(int64), options ...engine.WindowOption) func(in *engine.Stream[int64], key func(int64)) {
	return func(in *engine.Stream[int64], key func(int64)) {
		results, _ := engine.Aggregate(byDigit(in, key), "window", w, latestOf(add, merge, result, engine.Int64Codec{}), options...)
		sinkAll(results)
	}
}

// windowedBy is windowed64 with one function that fails.
func windowedBy(w window.Assigner, key func(int64), which string) func(in *engine.Stream[int64], fails func(int64)) {
	return func(in *engine.Stream[int64], fails func(int64)) {
		calls := map[string]func(int64){"add": nothing, "merge": nothing, "result": nothing}
		calls[which] = fails
		windowed64(w, calls["add"], calls["merge"], calls["result"])(in, key)
	}
}

func processed(open func(fails func(int64)) engine.KeyedProcess[int64, int64, int64]) func(in *engine.Stream[int64], fails func(int64)) {
	return func(in *engine.Stream[int64], fails func(int64)) {
		sinkAll(engine.ProcessKeyed(byDigit(in, nothing), "process", func(*engine.Subtask) (engine.KeyedProcess[int64, int64, int64], error) {
			return open(fails), nil
		}))
	}
}
