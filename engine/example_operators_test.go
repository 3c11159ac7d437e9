package engine_test

import (
	"cmp"
	"fmt"
	"time"

	"taxistream/engine"
	"taxistream/engine/window"
)

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
