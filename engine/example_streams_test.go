package engine_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"taxistream/engine"
	"taxistream/engine/enginetest"
)

func ExampleMap() {
	replayed(func(in *engine.Stream[reading]) *engine.Stream[int64] {
		return engine.Map(in, "double", func(r *reading) int64 { return 2 * r.Value })
	}, reading{"north", 1}, reading{"south", 5})
	// Output:
	// 0s 2
	// 2s 10
}

func ExampleFilter() {
	replayed(func(in *engine.Stream[reading]) *engine.Stream[reading] {
		return engine.Filter(in, "great", func(r *reading) bool { return r.Value > 3 })
	}, reading{"north", 1}, reading{"south", 5}, reading{"north", 4})
	// Output:
	// 2s {south 5}
	// 4s {north 4}
}

// A function that owns what open made for it, here how many it has seen. It has no state: a restart begins anew.
func ExampleProcess() {
	replayed(func(in *engine.Stream[reading]) *engine.Stream[string] {
		return engine.Process(in, "numbered", func(s *engine.Subtask) (engine.ProcessFunc[reading, string], error) {
			n := 0
			return func(e *engine.Element[reading], out *engine.Collector[string]) error {
				n++
				out.Emit(fmt.Sprintf("%s %d of subtask %d", e.Value.At, n, s.Index), e.EventTime)
				return nil
			}, nil
		})
	}, reading{"north", 1}, reading{"south", 5})
	// Output:
	// 0s north 1 of subtask 0
	// 2s south 2 of subtask 0
}

func ExampleUnion() {
	replayed(func(in *engine.Stream[reading]) *engine.Stream[string] {
		small, great := split(in)
		print := func(name string, s *engine.KeyedStream[string, reading]) *engine.Stream[string] {
			sums := engine.Reduce(s, name, readingCodec, func(a, b reading) reading { return reading{a.At, a.Value + b.Value} })
			return engine.Map(sums, "print "+name, func(r *reading) string { return fmt.Sprint(name, " at ", r.At, ": ", r.Value) })
		}
		return engine.Union("all", print("small sum", small), print("great sum", great))
	}, reading{"north", 1}, reading{"north", 7}, reading{"north", 2}, reading{"north", 8})
	// Output:
	// 0s small sum at north: 1
	// 2s great sum at north: 7
	// 4s small sum at north: 3
	// 6s great sum at north: 15
}

// All readings of a place meet in one subtask, whichever it is.
func ExampleKeyBy() {
	replayedWith(engine.Config{Parallelism: 4}, func(in *engine.Stream[reading]) *engine.Stream[string] {
		byPlace := engine.KeyBy(in, func(r *reading) string { return r.At }, engine.StringCodec{})
		highest := engine.Reduce(byPlace, "highest", readingCodec, func(a, b reading) reading { return reading{a.At, max(a.Value, b.Value)} })
		return engine.Map(highest, "print", func(r *reading) string { return fmt.Sprint(r.At, " ", r.Value) })
	}, reading{"north", 3}, reading{"south", 5}, reading{"north", 1})
	// Output:
	// 0s north 3
	// 2s south 5
	// 4s north 3
}

// withRejects takes away negative values and tells of them in a side output.
func withRejects(in *engine.Stream[reading]) (good *engine.Stream[reading], rejects *engine.Stream[string]) {
	rejected := engine.NewTag[string]("rejected")
	good = engine.Process(in, "judge", func(s *engine.Subtask) (engine.ProcessFunc[reading, reading], error) {
		aside := engine.SideCollector(s, rejected)
		return func(e *engine.Element[reading], out *engine.Collector[reading]) error {
			if e.Value.Value < 0 {
				aside.Emit("rejected: "+e.Value.At, e.EventTime)
			} else {
				out.EmitElement(e)
			}
			return nil
		}, nil
	})
	return good, engine.SideOutput(good, rejected)
}

func ExampleSideOutput() {
	replayed(func(in *engine.Stream[reading]) *engine.Stream[string] {
		good, rejects := withRejects(in)
		return engine.Union("all", rejects, engine.Map(good, "print", func(r *reading) string { return r.At }))
	}, reading{"north", 1}, reading{"south", -5})
	// Output:
	// 0s north
	// 2s rejected: south
}

// A tag that nobody reads costs nothing, and what goes there is counted.
func ExampleSideCollector() {
	h := enginetest.NewHarness(engine.Config{})
	in := enginetest.NewInput[reading](h, "readings")
	check(h.Open(context.Background(), func(job *engine.Job) {
		good, _ := withRejects(in.Stream(job))
		engine.SinkTo(good, "out", &enginetest.Collect[reading]{})
	}))
	check(in.Element(reading{"south", -5}, 0))
	for _, o := range h.Status().Operators {
		if o.Name == "judge" {
			fmt.Println(o.Subtasks[0].In, "in,", o.Subtasks[0].Out, "out,", o.Subtasks[0].Dropped, "dropped")
		}
	}
	check(h.Close())
	// Output: 1 in, 0 out, 1 dropped
}

// fed prints the watermark that a strategy makes of elements at some seconds.
func fed(strategy engine.WatermarkStrategy[int64], seconds ...int64) {
	current := engine.NoWatermark
	generator := strategy(engine.Split{ID: "a", Watermark: current})
	for _, s := range seconds {
		e := engine.Element[int64]{Value: s, EventTime: s * 1000}
		w, _ := generator.OnElement(&e, current)
		current = max(current, w)
		fmt.Printf("%ds: %s\n", s, engine.FormatTime(current))
	}
}

// The watermark stays ten seconds behind the latest element: what is up to so much out of order is not late.
func ExampleBoundedOutOfOrderness() {
	fed(engine.BoundedOutOfOrderness[int64](10*time.Second), 20, 15, 31)
	// Output:
	// 20s: 1970-01-01T00:00:09.999Z
	// 15s: 1970-01-01T00:00:09.999Z
	// 31s: 1970-01-01T00:00:20.999Z
}

func ExampleMonotonous() {
	fed(engine.Monotonous[int64](), 20, 20, 31)
	// Output:
	// 20s: 1970-01-01T00:00:19.999Z
	// 20s: 1970-01-01T00:00:19.999Z
	// 31s: 1970-01-01T00:00:30.999Z
}

func ExampleNoWatermarks() {
	fed(engine.NoWatermarks[int64](), 20, 31)
	// Output:
	// 20s: none
	// 31s: none
}

func ExampleFormatTime() {
	fmt.Println(engine.FormatTime(1_451_988_000_000), engine.FormatTime(engine.NoWatermark), engine.FormatTime(engine.MaxWatermark))
	// Output: 2016-01-05T10:00:00.000Z none max
}

// A clock for tests: it stands still until it is turned.
func ExampleNewManualClock() {
	clock := engine.NewManualClock(time.UnixMilli(0))
	ticks, stop := clock.Ticker(time.Second)
	defer stop()
	clock.Advance(1500 * time.Millisecond)
	fmt.Println((<-ticks).UnixMilli(), clock.Now().UnixMilli())
	// Output: 1500 1500
}

// A source of two parts, a job, and a sink that is a function. Run returns when the bounded source has ended.
func ExampleFromSource() {
	source := engine.Sequence[int64]{Count: 6, Parts: 2, At: func(i int64) engine.Element[int64] {
		return engine.Element[int64]{Value: i, EventTime: i * 1000}
	}}
	job := engine.NewJob(engine.Config{Name: "numbers", Parallelism: 2})
	in := engine.FromSource(job, "numbers", source, engine.Monotonous[int64]())
	var all []int64
	engine.SinkTo(in, "collect", engine.SinkFunc(func(batch []engine.Element[int64]) error {
		for _, e := range batch {
			all = append(all, e.Value)
		}
		return nil
	}))
	err := job.Run(context.Background())
	slices.Sort(all)
	fmt.Println(all, err, job.Status().State)
	// Output: [0 1 2 3 4 5] <nil> finished
}

// A source is not waited for while it has been silent for a minute.
func ExampleIdleTimeout() {
	job := engine.NewJob(engine.Config{Name: "two sources"})
	log := enginetest.NewLog[int64]("a")
	log.Seal()
	in := engine.FromSource(job, "rare", &enginetest.LogSource[int64]{Log: log}, enginetest.Watermarks[int64](), engine.IdleTimeout(time.Minute))
	engine.SinkTo(in, "out", &enginetest.Collect[enginetest.Record[int64]]{})
	fmt.Println(job.Run(context.Background()))
	// Output: <nil>
}
