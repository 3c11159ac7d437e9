package enginetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"taxistream/engine"
)

// event is what the logs of a simulation hold, item what flows through its program.
type (
	event struct{ Key int64 }
	item  struct{ Key, At int64 }
)

// judgeSize is the window by whose end lateness is judged, ms. All others are multiples of it,
// so what is not late there is late nowhere.
const judgeSize = 10

// simDrift is how far splits may drift apart, where that is bounded.
const simDrift = 2 * judgeSize * time.Millisecond

// stage is one step of a program.
type stage struct {
	kind string
	n    int64
}

// program is a drawn graph: sources, judged and united; stages one after the other; then
// two windows, side by side or the second over the results of the first.
type program struct {
	sources int
	stages  []stage
	windows [2]span
	chained bool
	silent  bool // the second source may be idle as a whole
	disk    bool // states and timers are on disk, if the simulation has one
	files   bool // two-phase sinks are rolling files
	drift   int  // of splits: 1 between all, 2 among those with a backlog; else any
}

func drawProgram(r *rand.Rand, stages int) program {
	p := program{sources: 1 + r.IntN(2), chained: r.IntN(2) == 0}
	p.windows = [2]span{drawSpan(r, !p.chained), drawSpan(r, false)}
	for range r.IntN(5) {
		kinds := sortedNames(stageKinds)
		kind := kinds[r.IntN(len(kinds))]
		if stageKinds[kind].many && p.grows() {
			kind = "map"
		}
		p.stages = append(p.stages, stage{kind, 1 + r.Int64N(6)})
	}
	p.disk, p.files = r.IntN(4) == 0, r.IntN(3) == 0
	p.silent = p.sources == 2 && r.IntN(2) == 0
	p.drift = r.IntN(6)
	if stages >= 0 && stages < len(p.stages) {
		p.stages = p.stages[:stages]
	}
	return p
}

// grows tells whether a stage makes more items than it gets.
func (p program) grows() bool {
	return slices.ContainsFunc(p.stages, func(s stage) bool { return s.kind == "double" || stageKinds[s.kind].many })
}

func (s stage) mapped(key int64) int64 { return (key*s.n + 1) % 17 }
func (s stage) keeps(key int64) bool   { return key%(s.n+1) != 0 }

func endOf(t, size int64) int64 { return t - t%size + size }

// build adds the program to a job.
func (p program) build(w *world, job *engine.Job) {
	var streams []*engine.Stream[item]
	for i := range p.sources {
		streams = append(streams, p.source(w, job, i))
	}
	s := streams[0]
	if len(streams) > 1 {
		s = engine.Union("sources", streams[0], streams[1:]...)
	}
	for i, stage := range p.stages {
		s = stageKinds[stage.kind].build(stage, w, s, fmt.Sprint(stage.kind, " ", i))
	}
	engine.SinkTo(s, "items", txSink[item](w, "item"))
	first := p.window(w, s, "first", p.windows[0])
	engine.SinkTo(first, "first results", txSink[item](w, "first"))
	if p.chained {
		s = first
	}
	second := p.window(w, s, "second", p.windows[1])
	engine.SinkTo(second, "second results", idSink(w, "second"))
}

func (p program) source(w *world, job *engine.Job, i int) *engine.Stream[item] {
	name := fmt.Sprintf("%c", 'a'+i)
	source := &LogSource[event]{
		Log: w.logs[i], ReadSize: 1 + w.rand.IntN(5), NameChildren: w.rand.IntN(2) == 0, HideUnborn: w.rand.IntN(2) == 0, Eager: true, Ends: true,
		Fail:     func(string, int) error { return w.fails("read fails") },
		FailList: func() error { return w.fails("list fails") },
	}
	var options []engine.SourceOption
	if p.silent && i == 1 {
		options = append(options, engine.IdleTimeout(silentTimeout))
	}
	switch p.drift {
	case 1:
		options = append(options, engine.MaxDrift(simDrift))
	case 2:
		options = append(options, engine.MaxBacklogDrift(simDrift))
	}
	in := engine.FromSource(job, "source "+name, source, Watermarks[event](), options...)
	late, placed := engine.NewTag[item]("late"), engine.NewTag[sighting]("placed")
	judged := engine.Process(in, "judge "+name, func(s *engine.Subtask) (engine.ProcessFunc[Record[event], item], error) {
		aside, places := engine.SideCollector(s, late), engine.SideCollector(s, placed)
		return func(e *engine.Element[Record[event]], out *engine.Collector[item]) error {
			if w.fails("operator panics") != nil {
				panic("simulated")
			}
			if err := w.fails("operator fails"); err != nil {
				return err
			}
			i := item{Key: e.Value.Value.Key, At: e.EventTime}
			if e.Value.Current >= endOf(i.At, judgeSize)-1 {
				aside.Emit(i, e.EventTime)
			} else {
				out.Emit(i, e.EventTime)
				places.Emit(sighting{orderKey(e.Value.Split, i.Key), Place{e.Value.Split, e.Value.Number}}, e.EventTime)
			}
			return nil
		}, nil
	})
	engine.SinkTo(engine.SideOutput(judged, late), "late "+name, txSink[item](w, "late"))
	p.order(w, engine.SideOutput(judged, placed), name)
	return judged
}

// judged goes through the logs, split by split, and tells what is late in its split.
func (p program) judged(logs []*Log[event], f func(i item, place Place, late bool)) {
	for _, l := range logs {
		last := map[string]int64{} // watermark at each split's end
		for _, split := range l.Splits() {
			watermark := int64(engine.NoWatermark)
			for i, parent := range split.Parents {
				if i == 0 || last[parent] < watermark {
					watermark = last[parent]
				}
			}
			for number, e := range l.Records(split.ID) {
				if e.Value.IsWatermark {
					watermark = max(watermark, e.EventTime)
					continue
				}
				f(item{e.Value.Value.Key, e.EventTime}, Place{split.ID, number}, watermark >= endOf(e.EventTime, judgeSize)-1)
			}
			last[split.ID] = watermark
		}
	}
}

// model says, line by line, what must be outside in the end: the slow, obvious way.
func (p program) model(logs []*Log[event]) map[string][]string {
	out := map[string][]string{}
	var items []item
	p.judged(logs, func(i item, _ Place, late bool) {
		if late {
			out["late"] = append(out["late"], fmt.Sprint(i))
		} else {
			items = append(items, i)
		}
	})
	for _, s := range p.stages {
		items = stageKinds[s.kind].model(s, items, out)
	}
	for _, i := range items {
		out["item"] = append(out["item"], fmt.Sprint(i))
	}
	for n, name := range []string{"first", "second"} {
		results := p.windows[n].model(items)
		for _, r := range results {
			out[name] = append(out[name], fmt.Sprint(r))
		}
		if p.chained {
			items = results
		}
	}
	for _, lines := range out {
		slices.Sort(lines)
	}
	return out
}

// Drawn are the kinds of faults, stages and windows that simulations count, all of which must have occurred in many.
func Drawn() []string {
	kinds := slices.Clone(FaultKinds)
	for _, kind := range sortedNames(stageKinds) {
		kinds = append(kinds, "stage: "+kind)
	}
	for _, kind := range spanKinds {
		kinds = append(kinds, "windows: "+kind)
	}
	return kinds
}

// count notes what a program has.
func (p program) count(kinds Faults) {
	for _, s := range p.stages {
		kinds["stage: "+s.kind]++
	}
	for _, s := range p.windows {
		kinds["windows: "+s.kind]++
	}
	if p.drift == 1 || p.drift == 2 {
		kinds["drift bounded"]++
	}
}
