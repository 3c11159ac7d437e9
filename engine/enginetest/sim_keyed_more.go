package enginetest

import (
	"cmp"
	"slices"
	"time"

	"taxistream/engine"
	"taxistream/engine/window"
)

// The stages that fold by key, and the one whose state comes to an end.
func init() {
	stageKinds["reduce"] = stageKind{build: stage.buildReduce, model: stage.modelReduce}
	stageKinds["top-k"] = stageKind{build: stage.buildTopK, model: stage.modelTopK}
	stageKinds["expire"] = stageKind{build: stage.buildExpire, model: stage.modelSame}
}

// buildReduce numbers items that are equal once they are stamped: each number comes once, whatever their order.
func (s stage) buildReduce(_ *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	same := engine.KeyBy(s.stamped(in, name+" stamp"), func(i *item) item { return *i }, itemCodec)
	return engine.Reduce(same, name, itemCodec, func(total, i item) item { return item{total.Key + 20, i.At} })
}

func (s stage) modelReduce(items []item, _ map[string][]string) (out []item) {
	had := map[item]int64{}
	for _, i := range s.modelStamped(items) {
		out = append(out, item{i.Key + 20*had[i], i.At})
		had[i]++
	}
	return out
}

// top is how many a stage keeps of each group and window, and topSize the window, ms.
func (s stage) top() int       { return 1 + int(s.n%3) }
func (s stage) topSize() int64 { return s.n * 2 * judgeSize }

func compareItems(a, b item) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.At, b.At)) }

func (s stage) buildTopK(w *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	size := window.Tumbling(time.Duration(s.topSize()) * time.Millisecond)
	lists, late := engine.Aggregate(engine.KeyBy(in, group, engine.Int64Codec{}), name, size, engine.TopK[int64](s.top(), compareItems, itemCodec))
	engine.SinkTo(late, name+" late", neverSink[item](w, name))
	return engine.FlatMap(lists, name+" each", func(l *engine.Aggregated[int64, []item], emit func(item)) {
		for _, i := range l.Value {
			emit(item{i.Key, l.Window.MaxTime()})
		}
	})
}

func (s stage) modelTopK(items []item, _ map[string][]string) (out []item) {
	lists := map[item][]item{} // by group and last instant
	for _, i := range items {
		k := item{group(&i), endOf(i.At, s.topSize()) - 1}
		lists[k] = append(lists[k], i)
	}
	for k, list := range lists {
		slices.SortFunc(list, func(a, b item) int { return compareItems(b, a) })
		for _, i := range list[:min(len(list), s.top())] {
			out = append(out, item{i.Key, k.At})
		}
	}
	return out
}

// buildExpire lets all through, and looks at two states that are written alike, of which one has a
// time to live: it must be there as long as it lives, and no longer.
func (s stage) buildExpire(w *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	lives := time.Duration(s.n) * 200 * time.Millisecond
	return engine.ProcessKeyed(engine.KeyBy(in, itemKey, engine.Int64Codec{}), name, func(t *engine.Subtask) (engine.KeyedProcess[int64, item, item], error) {
		written := engine.NewValueState(t, "written", engine.Int64Codec{})
		living := engine.NewValueState(t, "living", engine.Int64Codec{}, engine.WithTTL(engine.TTL{After: lives}))
		return engine.KeyedProcess[int64, item, item]{
			Element: func(k *engine.Key[int64], e *engine.Element[item], out *engine.Collector[item]) error {
				now := k.Now().UnixMilli()
				at, had := written.Get()
				if lived, ok := living.Get(); had && ok != (now < at+lives.Milliseconds()) || ok && lived != at {
					w.out.wrong("%s: at %d the state of %d that was written at %d (%v) is there: %v", name, now, k.Value(), at, had, ok)
				}
				written.Set(now)
				living.Set(now)
				out.EmitElement(e)
				return nil
			},
		}, nil
	})
}
