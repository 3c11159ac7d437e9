package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
)

func sequenceOf(n int64, parts int) engine.Sequence[int64] {
	return engine.Sequence[int64]{Count: n, Parts: parts, At: func(i int64) engine.Element[int64] {
		return engine.Element[int64]{Value: i, EventTime: i}
	}}
}

// Ensure that each part has its elements once, in order, and goes on from the offset of any read.
func TestSequence(t *testing.T) {
	for _, c := range []struct {
		n     int64
		parts int
	}{{0, 1}, {1, 3}, {2500, 1}, {7001, 3}} {
		s := sequenceOf(c.n, c.parts)
		splits, err := s.Splits(t.Context())
		if err != nil || len(splits) != c.parts {
			t.Fatalf("%d splits: %v", len(splits), err)
		}
		var all []int64
		for _, split := range splits {
			for end := false; !end; {
				r, err := s.Open(t.Context(), split)
				if err != nil {
					t.Fatal(err)
				}
				read, err := r.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range read.Elements {
					all = append(all, e.Value)
				}
				split.Offset, end = read.Offset, read.End
				read.Release()
			}
		}
		slices.Sort(all)
		if int64(len(all)) != c.n || int64(len(slices.Compact(all))) != c.n {
			t.Errorf("%d elements in %d parts: read %d", c.n, c.parts, len(all))
		}
	}
}

// Ensure that what cannot be read is refused with what to do.
func TestSequence_Wrong(t *testing.T) {
	if _, err := (engine.Sequence[int64]{Count: 1}).Splits(t.Context()); err == nil || !strings.Contains(err.Error(), "needs At") {
		t.Errorf("without At: %v", err)
	}
	splits, _ := sequenceOf(10, 2).Splits(t.Context())
	if _, err := sequenceOf(10, 3).Open(t.Context(), splits[0]); err == nil || !strings.Contains(err.Error(), "another number of parts") {
		t.Errorf("in other parts: %v", err)
	}
	splits[0].Offset = []byte("?")
	if _, err := sequenceOf(10, 2).Open(t.Context(), splits[0]); err == nil || !strings.Contains(err.Error(), "offset") {
		t.Errorf("a strange offset: %v", err)
	}
}

// Ensure that a job that fails in the middle goes on from its checkpoint and loses and repeats nothing in its
// state, and that calls of the function behind the sink do not overlap.
func TestSequence_Restart(t *testing.T) {
	const n = 60_000
	failed, inside := atomic.Bool{}, 0
	store := checkpoint.NewMemory(2)
	job := engine.NewJob(engine.Config{
		Name: "sum", Parallelism: 3, Store: store, CheckpointInterval: time.Millisecond, Restart: engine.FixedDelay{Attempts: 1},
	})
	in := engine.FromSource(job, "numbers", sequenceOf(n, 2), engine.Monotonous[int64]())
	fails := engine.Process(in, "fails", func(*engine.Subtask) (engine.ProcessFunc[int64, int64], error) {
		return func(e *engine.Element[int64], out *engine.Collector[int64]) error {
			if e.Value == n/2 && failed.CompareAndSwap(false, true) {
				return errors.New("once")
			}
			out.EmitElement(e)
			return nil
		}, nil
	})
	sums := map[int64]int64{}
	ones := engine.Map(fails, "ones", func(v *int64) int64 { return *v%10<<32 + 1 }) // the last digit, and a count
	byDigit := engine.KeyBy(ones, func(v *int64) int64 { return *v >> 32 }, engine.Int64Codec{})
	counted := engine.Reduce(byDigit, "counts", engine.Int64Codec{}, func(a, b int64) int64 { return a + b&(1<<32-1) })
	engine.SinkTo(counted, "sums", engine.SinkFunc(func(batch []engine.Element[int64]) error {
		inside++ // the race detector sees two at once
		for _, e := range batch {
			sums[e.Value>>32] = max(sums[e.Value>>32], e.Value&(1<<32-1))
		}
		return nil
	}))
	if err := job.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for rest := range int64(10) {
		if sums[rest] != n/10 {
			t.Errorf("%d elements end in %d, want %d", sums[rest], rest, n/10)
		}
	}
	if !failed.Load() || inside == 0 {
		t.Error("it never failed, or nothing came out")
	}
}

func ExampleSequence() {
	squares := engine.Sequence[int64]{Count: 4, At: func(i int64) engine.Element[int64] {
		return engine.Element[int64]{Value: i * i, EventTime: 1000 * i}
	}}
	job := engine.NewJob(engine.Config{Name: "squares"})
	in := engine.FromSource(job, "numbers", squares, engine.Monotonous[int64]())
	engine.SinkTo(in, "print", engine.SinkFunc(func(batch []engine.Element[int64]) error {
		for _, e := range batch {
			fmt.Println(e)
		}
		return nil
	}))
	if err := job.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 0@1970-01-01T00:00:00.000Z
	// 1@1970-01-01T00:00:01.000Z
	// 4@1970-01-01T00:00:02.000Z
	// 9@1970-01-01T00:00:03.000Z
}
