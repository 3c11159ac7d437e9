package engine_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"taxistream/engine"
	"taxistream/engine/enginetest"
	"taxistream/engine/state/disk"
)

// reading is the element of the examples: something measured somewhere.
type reading struct {
	At    string
	Value int64
}

var readingCodec = engine.FuncCodec[reading]{
	AppendFunc: func(dst []byte, r reading) []byte {
		return engine.Int64Codec{}.Append(engine.StringCodec{}.Append(dst, r.At), r.Value)
	},
	DecodeFunc: func(src []byte) (r reading, rest []byte, err error) {
		if r.At, src, err = (engine.StringCodec{}).Decode(src); err == nil {
			r.Value, src, err = engine.Int64Codec{}.Decode(src)
		}
		return r, src, err
	},
}

func at(r *reading) string   { return r.At }
func value(r *reading) int64 { return r.Value }

// replayed runs readings, two seconds apart, through what build makes, up to the end, and prints
// what comes out, with its time in seconds.
func replayed[R any](build func(in *engine.Stream[reading]) *engine.Stream[R], readings ...reading) {
	replayedWith(engine.Config{}, build, readings...)
}

func replayedWith[R any](c engine.Config, build func(in *engine.Stream[reading]) *engine.Stream[R], readings ...reading) {
	h := enginetest.NewHarness(c)
	in := enginetest.NewInput[reading](h, "readings")
	var out enginetest.Collect[R]
	check(h.Open(context.Background(), func(job *engine.Job) { engine.SinkTo(build(in.Stream(job)), "out", &out) }))
	for i, r := range readings {
		check(in.Element(r, int64(i)*2000))
	}
	check(h.Drain())
	var lines []string
	for _, e := range out.Elements() {
		lines = append(lines, fmt.Sprintf("%gs %v", float64(e.EventTime)/1000, e.Value))
	}
	slices.Sort(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func byPlace(in *engine.Stream[reading]) *engine.KeyedStream[string, reading] {
	return engine.KeyBy(in, at, engine.StringCodec{})
}

// An alarm when a place's value has risen three times in a row, unless ten seconds pass between.
func ExampleProcessKeyed() {
	replayed(func(in *engine.Stream[reading]) *engine.Stream[string] {
		return engine.ProcessKeyed(byPlace(in), "rising", func(s *engine.Subtask) (engine.KeyedProcess[string, reading, string], error) {
			last := engine.NewValueState(s, "last", engine.Int64Codec{})
			risen := engine.NewValueState(s, "risen", engine.Int64Codec{})
			return engine.KeyedProcess[string, reading, string]{
				Element: func(k *engine.Key[string], e *engine.Element[reading], out *engine.Collector[string]) error {
					n, _ := risen.Get()
					if had, ok := last.Get(); ok && e.Value.Value > had {
						n++
					} else {
						n = 0
					}
					if n == 3 {
						out.Emit("rising at "+k.Value(), e.EventTime)
					}
					last.Set(e.Value.Value)
					risen.Set(n)
					k.SetEventTimer(e.EventTime + 10_000)
					return nil
				},
				Timer: func(k *engine.Key[string], t engine.Timer, out *engine.Collector[string]) error {
					if k.Watermark() == engine.MaxWatermark {
						out.Emit("nothing more from "+k.Value(), t.At)
					}
					risen.Clear()
					return nil
				},
			}, nil
		})
	}, reading{"north", 1}, reading{"north", 2}, reading{"south", 5}, reading{"north", 3}, reading{"north", 4})
	// Output:
	// 10s nothing more from north
	// 12s nothing more from north
	// 14s nothing more from south
	// 16s nothing more from north
	// 18s nothing more from north
	// 8s rising at north
}

// stateful makes a function of what happens at each element.
func stateful(open func(s *engine.Subtask) func(e *engine.Element[reading]) string) func(in *engine.Stream[reading]) *engine.Stream[string] {
	return func(in *engine.Stream[reading]) *engine.Stream[string] {
		return engine.ProcessKeyed(byPlace(in), "function", func(s *engine.Subtask) (engine.KeyedProcess[string, reading, string], error) {
			f := open(s)
			return engine.KeyedProcess[string, reading, string]{
				Element: func(_ *engine.Key[string], e *engine.Element[reading], out *engine.Collector[string]) error {
					out.Emit(f(e), e.EventTime)
					return nil
				},
			}, nil
		})
	}
}

func ExampleNewValueState() {
	replayed(stateful(func(s *engine.Subtask) func(e *engine.Element[reading]) string {
		last := engine.NewValueState(s, "last", engine.Int64Codec{})
		return func(e *engine.Element[reading]) string {
			had, ok := last.Get()
			last.Set(e.Value.Value)
			return fmt.Sprint(e.Value.At, " had ", had, " ", ok)
		}
	}), reading{"north", 1}, reading{"south", 5}, reading{"north", 2})
	// Output:
	// 0s north had 0 false
	// 2s south had 0 false
	// 4s north had 1 true
}

func ExampleNewListState() {
	replayed(stateful(func(s *engine.Subtask) func(e *engine.Element[reading]) string {
		values := engine.NewListState(s, "values", engine.Int64Codec{})
		return func(e *engine.Element[reading]) string {
			values.Append(e.Value.Value)
			return fmt.Sprint(e.Value.At, " ", slices.Collect(values.All()))
		}
	}), reading{"north", 3}, reading{"south", 5}, reading{"north", 1})
	// Output:
	// 0s north [3]
	// 2s south [5]
	// 4s north [3 1]
}

func ExampleNewMapState() {
	replayed(stateful(func(s *engine.Subtask) func(e *engine.Element[reading]) string {
		seen := engine.NewMapState(s, "seen", engine.Int64Codec{}, engine.Int64Codec{})
		return func(e *engine.Element[reading]) string {
			n, _ := seen.Get(e.Value.Value)
			seen.Put(e.Value.Value, n+1)
			text := e.Value.At
			for v, n := range seen.All() {
				text += fmt.Sprintf(" %d:%d", v, n)
			}
			return text
		}
	}), reading{"north", 3}, reading{"north", 1}, reading{"north", 3})
	// Output:
	// 0s north 3:1
	// 2s north 1:1 3:1
	// 4s north 1:1 3:2
}

func ExampleNewReducingState() {
	replayed(stateful(func(s *engine.Subtask) func(e *engine.Element[reading]) string {
		highest := engine.NewReducingState(s, "highest", engine.Int64Codec{}, func(a, b int64) int64 { return max(a, b) })
		return func(e *engine.Element[reading]) string {
			return fmt.Sprint(e.Value.At, " ", highest.Add(e.Value.Value))
		}
	}), reading{"north", 3}, reading{"north", 1}, reading{"north", 4})
	// Output:
	// 0s north 3
	// 2s north 3
	// 4s north 4
}

// State of a key that has not been written for a day is forgotten.
func ExampleWithTTL() {
	replayed(stateful(func(s *engine.Subtask) func(e *engine.Element[reading]) string {
		count := engine.NewReducingState(s, "count", engine.Int64Codec{}, func(a, b int64) int64 { return a + b },
			engine.WithTTL(engine.TTL{After: 24 * time.Hour}))
		return func(e *engine.Element[reading]) string { return fmt.Sprint(e.Value.At, " ", count.Add(1)) }
	}), reading{"north", 3}, reading{"north", 1})
	// Output:
	// 0s north 1
	// 2s north 2
}

// State on disk, for more than fits into memory.
func Example_stateOnDisk() {
	dir, err := os.MkdirTemp("", "state")
	check(err)
	defer os.RemoveAll(dir)
	folder, err := disk.Open(dir, disk.Options{})
	check(err)
	replayedWith(engine.Config{State: folder}, func(in *engine.Stream[reading]) *engine.Stream[reading] {
		return engine.Reduce(byPlace(in), "sum", readingCodec, func(a, b reading) reading { return reading{a.At, a.Value + b.Value} })
	}, reading{"north", 3}, reading{"south", 5}, reading{"north", 1})
	check(folder.Close())
	// Output:
	// 0s {north 3}
	// 2s {south 5}
	// 4s {north 4}
}
