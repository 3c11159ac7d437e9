package enginetest

import (
	"time"

	"taxistream/engine"
	"taxistream/engine/window"
)

// The stages with states, timers, joins and other routes.
func init() {
	stageKinds["count"] = stageKind{build: stage.buildCount, model: stage.modelCount}
	stageKinds["delay"] = stageKind{build: stage.buildDelay, model: stage.modelDelay}
	stageKinds["interval join"] = stageKind{build: stage.buildIntervalJoin, model: stage.modelIntervalJoin, many: true}
	stageKinds["window join"] = stageKind{build: stage.buildWindowJoin, model: stage.modelWindowJoin, many: true}
	stageKinds["broadcast"] = stageKind{build: stage.buildBroadcast, model: stage.modelSame}
	stageKinds["rebalance"] = stageKind{build: stage.buildRebalance, model: stage.modelSame}
}

func (stage) modelSame(items []item, _ map[string][]string) []item { return items }

// buildBroadcast gives all to all, and lets through what the first has.
func (s stage) buildBroadcast(_ *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	return engine.Process(engine.Broadcast(in, name), name+" first", func(t *engine.Subtask) (engine.ProcessFunc[item, item], error) {
		return func(e *engine.Element[item], out *engine.Collector[item]) error {
			if t.Index == 0 {
				out.EmitElement(e)
			}
			return nil
		}, nil
	})
}

func (s stage) buildRebalance(_ *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	return engine.Rebalance(in, name)
}

// buildCount counts, by key and window, with states and timers in the place of a window: the
// entries of a map by time, of which a timer takes out those that are due. Further timers are set and
// taken back.
func (s stage) buildCount(_ *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	return engine.ProcessKeyed(engine.KeyBy(in, itemKey, engine.Int64Codec{}), name, func(t *engine.Subtask) (engine.KeyedProcess[int64, item, item], error) {
		counts := engine.NewMapState(t, "counts", engine.Int64Codec{}, engine.Int64Codec{})
		last := engine.NewValueState(t, "last", engine.Int64Codec{})
		return engine.KeyedProcess[int64, item, item]{
			Element: func(k *engine.Key[int64], e *engine.Element[item], _ *engine.Collector[item]) error {
				n, _ := counts.Get(e.Value.At)
				counts.Put(e.Value.At, n+1)
				at := s.until(&e.Value)
				k.SetEventTimer(at)
				if had, ok := last.Get(); ok {
					k.DeleteEventTimer(had)
				}
				k.SetEventTimer(at + 1)
				last.Set(at + 1)
				return nil
			},
			Timer: func(k *engine.Key[int64], t engine.Timer, out *engine.Collector[item]) error {
				if (t.At+1)%judgeSize != 0 {
					return nil // of the element before: the watermark was quicker
				}
				sum := int64(0)
				for at, n := range counts.All() {
					if at <= t.At {
						sum += n
						counts.Delete(at)
					}
				}
				out.Emit(counted(k.Value(), sum, t.At), t.At)
				return nil
			},
		}, nil
	})
}

func counted(key, n, at int64) item { return item{key + 20*n, at} }

func (s stage) modelCount(items []item, _ map[string][]string) (out []item) {
	counts := map[item]int64{}
	for _, i := range s.modelStamped(items) {
		counts[i]++
	}
	for i, n := range counts {
		out = append(out, counted(i.Key, n, i.At))
	}
	return out
}

// buildDelay sends each item on at once, and once more to a sink: by a timer of processing
// time or by the end of its window, whichever comes first.
func (s stage) buildDelay(w *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	delayed := engine.NewTag[item]("delayed")
	out := engine.ProcessKeyed(engine.KeyBy(in, itemKey, engine.Int64Codec{}), name, func(t *engine.Subtask) (engine.KeyedProcess[int64, item, item], error) {
		waiting := engine.NewListState(t, "waiting", engine.Int64Codec{})
		aside := engine.SideCollector(t, delayed)
		return engine.KeyedProcess[int64, item, item]{
			Element: func(k *engine.Key[int64], e *engine.Element[item], out *engine.Collector[item]) error {
				waiting.Append(e.Value.At)
				k.SetProcessingTimer(k.Now().Add(time.Duration(s.n) * 100 * time.Millisecond))
				k.SetEventTimer(s.until(&e.Value))
				out.EmitElement(e)
				return nil
			},
			Timer: func(k *engine.Key[int64], _ engine.Timer, _ *engine.Collector[item]) error {
				for at := range waiting.All() {
					aside.Emit(item{k.Value(), at}, at)
				}
				waiting.Clear()
				return nil
			},
		}, nil
	})
	engine.SinkTo(engine.SideOutput(out, delayed), name+" delayed", txSink[item](w, "delayed"))
	return out
}

func (s stage) modelDelay(items []item, aside map[string][]string) []item {
	for _, i := range items {
		note(aside, "delayed", i)
	}
	return items
}

// The joins pair the items, at the ends of their windows, with their copies by map. Of the pairs a third
// goes on.

func group(i *item) int64 { return i.Key % 5 }

func joinedItem(l, r item, at int64) (item, bool) {
	return item{(l.Key*3 + r.Key) % 19, at}, (l.Key+r.Key+l.At/judgeSize)%3 == 0
}

func (s stage) sides(w *world, in *engine.Stream[item], name string) (left, right *engine.KeyedStream[int64, item]) {
	stamped := s.stamped(in, name+" stamp")
	return engine.KeyBy(stamped, group, engine.Int64Codec{}), engine.KeyBy(s.buildMap(w, stamped, name+" copy"), group, engine.Int64Codec{})
}

var itemCodec = engine.FuncCodec[item]{
	AppendFunc: func(b []byte, i item) []byte { return sumCodec.Append(b, sum{i.Key, i.At}) },
	DecodeFunc: func(b []byte) (item, []byte, error) {
		s, b, err := sumCodec.Decode(b)
		return item{s.Count, s.Keys}, b, err
	},
}

// interval is that of the stage's join, ms, its upper end excluded.
func (s stage) interval() (lower, upper int64) { return -s.n * 10, s.n*5 + 1 }

func (s stage) buildIntervalJoin(w *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	left, right := s.sides(w, in, name)
	lower, upper := s.interval()
	within := engine.Interval{Lower: time.Duration(lower) * time.Millisecond, Upper: time.Duration(upper) * time.Millisecond, ExcludeUpper: true}
	pairs, leftLate, rightLate := engine.IntervalJoin(left, right, name, within, itemCodec, itemCodec, func(l, r *engine.Element[item]) (item, bool) {
		return joinedItem(l.Value, r.Value, max(l.EventTime, r.EventTime))
	})
	engine.SinkTo(leftLate, name+" left late", neverSink[item](w, name))
	engine.SinkTo(rightLate, name+" right late", neverSink[item](w, name))
	return pairs
}

// modelPairs goes through all pairs that meet.
func (s stage) modelPairs(items []item, meet func(l, r item) (at int64, ok bool)) (out []item) {
	lefts := s.modelStamped(items)
	for _, l := range lefts {
		for _, r := range s.modelMap(lefts, nil) {
			at, ok := meet(l, r)
			if !ok || group(&l) != group(&r) {
				continue
			}
			if i, ok := joinedItem(l, r, at); ok {
				out = append(out, i)
			}
		}
	}
	return out
}

func (s stage) modelIntervalJoin(items []item, _ map[string][]string) []item {
	lower, upper := s.interval()
	return s.modelPairs(items, func(l, r item) (int64, bool) {
		return max(l.At, r.At), r.At-l.At >= lower && r.At-l.At < upper
	})
}

func (s stage) buildWindowJoin(w *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	left, right := s.sides(w, in, name)
	size := time.Duration(s.n) * 2 * judgeSize * time.Millisecond
	pairs, leftLate, rightLate := engine.JoinWindows(left, right, name, window.Tumbling(size), itemCodec, itemCodec, func(win window.Window, l, r *engine.Element[item]) (item, bool) {
		return joinedItem(l.Value, r.Value, win.MaxTime())
	})
	engine.SinkTo(leftLate, name+" left late", neverSink[item](w, name))
	engine.SinkTo(rightLate, name+" right late", neverSink[item](w, name))
	return pairs
}

func (s stage) modelWindowJoin(items []item, _ map[string][]string) []item {
	end := func(i item) int64 { return endOf(i.At, s.n*2*judgeSize) - 1 }
	return s.modelPairs(items, func(l, r item) (int64, bool) { return end(l), end(l) == end(r) })
}
