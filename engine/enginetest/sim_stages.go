package enginetest

import (
	"fmt"

	"taxistream/engine"
)

// A stageKind is what one step of a drawn program may be, and what it must make of a
// list of items: the slow, obvious way.
type stageKind struct {
	build func(s stage, w *world, in *engine.Stream[item], name string) *engine.Stream[item]
	// model gives what comes out; what goes aside it adds to the lines of a sink.
	model func(s stage, items []item, aside map[string][]string) []item
	// many: it may make many items of few, so a program has it once at most.
	many bool
}

// stageKinds are all kinds by name. A file of further ones adds them in its init.
var stageKinds = map[string]stageKind{
	"map":      {build: stage.buildMap, model: stage.modelMap},
	"filter":   {build: stage.buildFilter, model: stage.modelFilter},
	"double":   {build: stage.buildDouble, model: stage.modelDouble},
	"distinct": {build: stage.buildDistinct, model: stage.modelDistinct},
}

func (s stage) buildMap(_ *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	return engine.Map(in, name, func(i *item) item { return item{s.mapped(i.Key), i.At} })
}

func (s stage) modelMap(items []item, _ map[string][]string) (out []item) {
	for _, i := range items {
		out = append(out, item{s.mapped(i.Key), i.At})
	}
	return out
}

func (s stage) buildFilter(_ *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	return engine.Filter(in, name, func(i *item) bool { return s.keeps(i.Key) })
}

func (s stage) modelFilter(items []item, _ map[string][]string) (out []item) {
	for _, i := range items {
		if s.keeps(i.Key) {
			out = append(out, i)
		}
	}
	return out
}

func (s stage) buildDouble(w *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	return engine.Union(name, in, s.buildMap(w, in, name+" copy"))
}

func (s stage) modelDouble(items []item, aside map[string][]string) []item {
	return append(s.modelMap(items, aside), items...)
}

// until is the end of an item's window, which distinct and the stages by key stamp on it.
func (s stage) until(i *item) int64 { return endOf(i.At, s.n*judgeSize) - 1 }

func (s stage) buildDistinct(w *world, in *engine.Stream[item], name string) *engine.Stream[item] {
	unique, _, late := engine.Distinct(engine.KeyBy(in, itemKey, engine.Int64Codec{}), name, s.until)
	engine.SinkTo(late, name+" late", neverSink[item](w, name))
	return s.stamped(unique, name+" stamp") // of several copies any may pass: what differs between them is taken out
}

func itemKey(i *item) int64 { return i.Key }

// stamped moves items to the end of their windows, where the watermark is not yet if they
// were not late.
func (s stage) stamped(in *engine.Stream[item], name string) *engine.Stream[item] {
	return engine.Process(in, name, func(*engine.Subtask) (engine.ProcessFunc[item, item], error) {
		return func(e *engine.Element[item], out *engine.Collector[item]) error {
			at := s.until(&e.Value)
			out.Emit(item{e.Value.Key, at}, at)
			return nil
		}, nil
	})
}

func (s stage) modelStamped(items []item) (out []item) {
	for _, i := range items {
		out = append(out, item{i.Key, s.until(&i)})
	}
	return out
}

func (s stage) modelDistinct(items []item, _ map[string][]string) (out []item) {
	seen := map[item]bool{}
	for _, i := range s.modelStamped(items) {
		if !seen[i] {
			seen[i] = true
			out = append(out, i)
		}
	}
	return out
}

// note adds an item to what a sink must have.
func note(aside map[string][]string, sink string, i item) {
	aside[sink] = append(aside[sink], fmt.Sprint(i))
}
