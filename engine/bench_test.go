package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/window"
)

// wide is an element of the size of a trip with its place.
type wide struct {
	ID, Cell int64
	Rest     [10]int64
}

// countUp is a bounded source of n elements a split, 10 ms of event time apart.
type countUp struct {
	splits, n int
}

func (c countUp) Bounded() bool { return true }

func (c countUp) Splits(context.Context) (s []engine.Split, err error) {
	for i := range c.splits {
		s = append(s, engine.Split{ID: string(rune('a' + i))})
	}
	return s, nil
}

func (c countUp) Open(_ context.Context, s engine.Split) (engine.SplitReader[wide], error) {
	r := &countReader{left: c.n, number: int64(s.ID[0] - 'a'), free: make(chan []engine.Element[wide], 16)}
	return r, nil
}

type countReader struct {
	left   int
	next   int64
	number int64
	free   chan []engine.Element[wide]
}

func (r *countReader) Next(context.Context) (engine.Read[wide], error) {
	var buffer []engine.Element[wide]
	select {
	case buffer = <-r.free:
	default:
		buffer = make([]engine.Element[wide], 0, 1000)
	}
	for len(buffer) < cap(buffer) && r.left > 0 {
		r.left--
		r.next++
		id := r.next*8 + r.number
		buffer = append(buffer, engine.Element[wide]{Value: wide{ID: id, Cell: id * 7919 % 3000}, EventTime: r.next * 10})
	}
	return engine.Read[wide]{
		Elements: buffer, End: r.left == 0,
		Release: func() {
			select {
			case r.free <- buffer[:0]:
			default:
			}
		},
	}, nil
}

func (r *countReader) Close() error { return nil }

type discard[T any] struct{}

func (discard[T]) Open(context.Context, engine.Subtask, [][]byte) (engine.SinkWriter[T], error) {
	return discard[T]{}, nil
}
func (discard[T]) Write(context.Context, []engine.Element[T]) error { return nil }
func (discard[T]) Prepare(context.Context, int64) ([]byte, error)   { return nil, nil }
func (discard[T]) Committed(context.Context, int64) error           { return nil }
func (discard[T]) Close() error                                     { return nil }

func benchmark(b *testing.B, parallelism int, build func(*engine.Stream[wide])) {
	job := engine.NewJob(engine.Config{Name: "bench", Parallelism: parallelism})
	in := engine.FromSource(job, "in", countUp{splits: 4, n: b.N/4 + 1}, engine.Monotonous[wide]())
	build(in)
	b.ReportAllocs()
	b.ResetTimer()
	if err := job.Run(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkChained is source -> map -> sink in one task.
func BenchmarkChained(b *testing.B) {
	benchmark(b, 2, func(in *engine.Stream[wide]) {
		engine.SinkTo(engine.Map(in, "map", func(w *wide) int64 { return w.ID }), "sink", discard[int64]{})
	})
}

// BenchmarkKeyedExchange is one keyed hop and a set of keys behind it.
func BenchmarkKeyedExchange(b *testing.B) {
	benchmark(b, 2, func(in *engine.Stream[wide]) {
		unique, _, _ := engine.Distinct(engine.KeyBy(in, func(w *wide) int64 { return w.ID }, engine.Int64Codec{}), "distinct", func(w *wide) int64 { return w.ID/8/6000*60_000 + 60_000 })
		engine.SinkTo(unique, "sink", discard[wide]{})
	})
}

// BenchmarkWindow is one keyed hop and a window aggregate of 3,000 keys.
func BenchmarkWindow(b *testing.B) {
	benchmark(b, 2, func(in *engine.Stream[wide]) {
		counts, _ := engine.Aggregate(engine.KeyBy(in, func(w *wide) int64 { return w.Cell }, engine.Int64Codec{}), "count", window.Tumbling(10*time.Minute), engine.Aggregation[int64, wide, int64, int64]{
			Add:    func(n *int64, _ *engine.Element[wide]) { *n++ },
			Result: func(_ int64, _ window.Window, n *int64) (int64, bool) { return *n, true },
			Codec:  engine.Int64Codec{},
		})
		engine.SinkTo(counts, "sink", discard[int64]{})
	})
}

// BenchmarkUnionHop is one hop without a key.
func BenchmarkUnionHop(b *testing.B) {
	benchmark(b, 2, func(in *engine.Stream[wide]) {
		engine.SinkTo(engine.Union("union", in), "sink", discard[wide]{})
	})
}

// BenchmarkWindow_Overlapping is BenchmarkWindow over windows of ten minutes that overlap 1,
// 6 and 60 times: 1,000 keys, 200,000 elements.
func BenchmarkWindow_Overlapping(b *testing.B) {
	for _, overlaps := range []int{1, 6, 60} {
		b.Run(fmt.Sprint(overlaps), func(b *testing.B) {
			benchmark(b, 2, func(in *engine.Stream[wide]) {
				var windows window.Assigner = window.Tumbling(10 * time.Minute)
				if overlaps > 1 {
					windows = window.Sliding(10*time.Minute, 10*time.Minute/time.Duration(overlaps))
				}
				counts, _ := engine.Aggregate(engine.KeyBy(in, func(w *wide) int64 { return w.Cell % 1000 }, engine.Int64Codec{}), "count", windows, engine.Aggregation[int64, wide, int64, int64]{
					Add:    func(n *int64, _ *engine.Element[wide]) { *n++ },
					Merge:  func(into, from *int64) { *into += *from },
					Result: func(_ int64, _ window.Window, n *int64) (int64, bool) { return *n, true },
					Codec:  engine.Int64Codec{},
				})
				engine.SinkTo(counts, "sink", discard[int64]{})
			})
		})
	}
}
