package engine_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"taxistream/engine"
	"taxistream/engine/enginetest"
	"taxistream/engine/state/disk"
	"taxistream/engine/window"
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

func ExampleReduce() {
	replayed(func(in *engine.Stream[reading]) *engine.Stream[reading] {
		return engine.Reduce(byPlace(in), "sum", readingCodec, func(a, b reading) reading { return reading{a.At, a.Value + b.Value} })
	}, reading{"north", 3}, reading{"south", 5}, reading{"north", 1})
	// Output:
	// 0s {north 3}
	// 2s {south 5}
	// 4s {north 4}
}

func ExampleFlatMap() {
	replayed(func(in *engine.Stream[reading]) *engine.Stream[string] {
		return engine.FlatMap(in, "letters", func(r *reading, emit func(string)) {
			for _, letter := range r.At[:r.Value] {
				emit(string(letter))
			}
		})
	}, reading{"north", 2}, reading{"south", 0}, reading{"west", 1})
	// Output:
	// 0s n
	// 0s o
	// 4s w
}

// subtasks tells by which subtask each reading came.
func subtasks(in *engine.Stream[reading]) *engine.Stream[string] {
	return engine.Process(in, "subtask", func(s *engine.Subtask) (engine.ProcessFunc[reading, string], error) {
		return func(e *engine.Element[reading], out *engine.Collector[string]) error {
			out.Emit(fmt.Sprint(e.Value.At, " by subtask ", s.Index), e.EventTime)
			return nil
		}, nil
	})
}

func ExampleBroadcast() {
	replayedWith(engine.Config{Parallelism: 2}, func(in *engine.Stream[reading]) *engine.Stream[string] {
		return subtasks(engine.Broadcast(in, "to all"))
	}, reading{"north", 1}, reading{"south", 2})
	// Output:
	// 0s north by subtask 0
	// 0s north by subtask 1
	// 2s south by subtask 0
	// 2s south by subtask 1
}

func ExampleRebalance() {
	replayedWith(engine.Config{Parallelism: 2, ParallelismOf: map[string]int{"readings log": 1}}, func(in *engine.Stream[reading]) *engine.Stream[string] {
		return subtasks(engine.Rebalance(in, "in turn"))
	}, reading{"north", 1}, reading{"south", 2}, reading{"west", 3})
	// Output:
	// 0s north by subtask 1
	// 2s south by subtask 0
	// 4s west by subtask 1
}

// windowed aggregates by place and ten seconds.
func windowed[A, V any](agg engine.Aggregation[string, reading, A, engine.Aggregated[string, V]]) {
	replayed(func(in *engine.Stream[reading]) *engine.Stream[string] {
		results, _ := engine.Aggregate(byPlace(in), "window", window.Tumbling(10*time.Second), agg)
		return engine.Map(results, "print", func(a *engine.Aggregated[string, V]) string { return fmt.Sprint(a.Key, " ", a.Value) })
	}, reading{"north", 3}, reading{"south", 5}, reading{"north", 1}, reading{"north", 4}, reading{"south", 7})
}

func ExampleCount() {
	windowed(engine.Count[string, reading]())
	// Output:
	// 9.999s north 3
	// 9.999s south 2
}

func ExampleSum() {
	windowed(engine.Sum[string](value))
	// Output:
	// 9.999s north 8
	// 9.999s south 12
}

func ExampleMean() {
	windowed(engine.Mean[string](func(r *reading) float64 { return float64(r.Value) / 2 }))
	// Output:
	// 9.999s north 1.3333333333333333
	// 9.999s south 3
}

func ExampleMin() {
	windowed(engine.Min[string](value))
	// Output:
	// 9.999s north 1
	// 9.999s south 5
}

func ExampleMax() {
	windowed(engine.Max[string](value))
	// Output:
	// 9.999s north 4
	// 9.999s south 7
}

func ExampleTopK() {
	windowed(engine.TopK[string](2, func(a, b reading) int { return cmp.Compare(a.Value, b.Value) }, readingCodec))
	// Output:
	// 9.999s north [{north 4} {north 3}]
	// 9.999s south [{south 7} {south 5}]
}

// split is the readings of one side of a place, by their value.
func split(in *engine.Stream[reading]) (small, great *engine.KeyedStream[string, reading]) {
	part := func(name string, keep func(r *reading) bool) *engine.KeyedStream[string, reading] {
		return byPlace(engine.Filter(in, name, keep))
	}
	return part("small", func(r *reading) bool { return r.Value < 5 }), part("great", func(r *reading) bool { return r.Value >= 5 })
}

// Each small value with the great ones of its place in the five seconds after it.
func ExampleIntervalJoin() {
	replayed(func(in *engine.Stream[reading]) *engine.Stream[string] {
		small, great := split(in)
		pairs, _, _ := engine.IntervalJoin(small, great, "pairs", engine.Interval{Upper: 5 * time.Second}, readingCodec, readingCodec,
			func(l, r *engine.Element[reading]) (string, bool) {
				return fmt.Sprint(l.Value.At, " ", l.Value.Value, " then ", r.Value.Value), true
			})
		return pairs
	}, reading{"north", 1}, reading{"south", 9}, reading{"north", 7}, reading{"north", 8})
	// Output:
	// 4s north 1 then 7
}

// Each small value with the great ones of its place in the same ten seconds.
func ExampleJoinWindows() {
	replayed(func(in *engine.Stream[reading]) *engine.Stream[string] {
		small, great := split(in)
		pairs, _, _ := engine.JoinWindows(small, great, "pairs", window.Tumbling(10*time.Second), readingCodec, readingCodec,
			func(_ window.Window, l, r *engine.Element[reading]) (string, bool) {
				return fmt.Sprint(l.Value.At, " ", l.Value.Value, " with ", r.Value.Value), true
			})
		return pairs
	}, reading{"north", 1}, reading{"south", 9}, reading{"north", 7}, reading{"north", 8})
	// Output:
	// 9.999s north 1 with 7
	// 9.999s north 1 with 8
}
