package engine_test

import (
	"context"
	"fmt"
	"time"

	"taxistream/engine"
	"taxistream/engine/enginetest"
	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

// showPanes runs a job that sums the values of a log by window, and prints each pane.
func showPanes(log *enginetest.Log[int64], windows window.Assigner, options ...engine.WindowOption) {
	log.Seal()
	job := engine.NewJob(engine.Config{Name: "panes", BatchSize: 1})
	in := engine.FromSource(job, "log", &enginetest.LogSource[int64]{Log: log, ReadSize: 1}, enginetest.Watermarks[int64]())
	byKey := engine.KeyBy(in, func(*enginetest.Record[int64]) int64 { return 0 }, engine.Int64Codec{})
	sums, _ := engine.Aggregate(byKey, "sums", windows, engine.Aggregation[int64, enginetest.Record[int64], int64, string]{
		Add:   func(sum *int64, e *engine.Element[enginetest.Record[int64]]) { *sum += e.Value.Value },
		Merge: func(into, from *int64) { *into += *from },
		Pane: func(_ int64, p trigger.Pane, sum *int64) (string, bool) {
			return fmt.Sprintf("[%d,%d) pane %d, %v: %d", p.Window.Start, p.Window.End, p.Index, p.Timing, *sum), true
		},
		Codec: engine.Int64Codec{},
	}, options...)
	var results enginetest.Collect[string]
	engine.SinkTo(sums, "results", &results)
	if err := job.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	for _, e := range results.Elements() {
		fmt.Println(e.Value)
	}
}

// someValues are 1, 2 and 3 in time for the window from 0 to 10, and 4 behind its end.
func someValues() *enginetest.Log[int64] {
	log := enginetest.NewLog[int64]("a")
	for value := range int64(3) {
		log.Append("a", value+1, value)
	}
	log.Watermark("a", 9)
	log.Append("a", 4, 5)
	return log
}

const millisecond = time.Millisecond

// Early results for every two elements, one on time, and a late one for each that comes behind.
func ExampleTrigger() {
	showPanes(someValues(), window.Tumbling(10*millisecond), engine.AllowedLateness(time.Second),
		engine.Trigger(trigger.EarlyAndLate(trigger.Count(2), trigger.Count(1))))
	// Output:
	// [0,10) pane 0, early: 3
	// [0,10) pane 1, on-time: 6
	// [0,10) pane 2, late: 10
}

func ExampleDiscarding() {
	showPanes(someValues(), window.Tumbling(10*millisecond), engine.AllowedLateness(time.Second),
		engine.Trigger(trigger.EarlyAndLate(trigger.Count(2), trigger.Count(1))), engine.Discarding())
	// Output:
	// [0,10) pane 0, early: 3
	// [0,10) pane 1, on-time: 3
	// [0,10) pane 2, late: 4
}

func ExampleAllowedLateness() {
	showPanes(someValues(), window.Tumbling(10*millisecond), engine.AllowedLateness(time.Second))
	// Output:
	// [0,10) pane 0, on-time: 6
	// [0,10) pane 1, late: 10
}

// A count of two leaves one element over.
func ExampleFinalPane() {
	showPanes(someValues(), window.Tumbling(10*millisecond), engine.Trigger(trigger.Purging(trigger.Count(2))), engine.FinalPane())
	// Output:
	// [0,10) pane 0, early: 3
	// [0,10) pane 1, on-time: 3
}

// Each element is its own early pane, so the one on time holds nothing.
func ExampleEmptyOnTimePane() {
	log := enginetest.NewLog[int64]("a")
	log.Append("a", 7, 1)
	showPanes(log, window.Tumbling(10*millisecond), engine.Trigger(trigger.EarlyAndLate(trigger.Count(1), nil)),
		engine.Discarding(), engine.EmptyOnTimePane())
	// Output:
	// [0,10) pane 0, early: 7
	// [0,10) pane 1, on-time: 0
}

// Sessions of one key: 3 comes last and joins the two others.
func ExampleAggregate_sessions() {
	log := enginetest.NewLog[int64]("a")
	log.Append("a", 1, 0)
	log.Append("a", 2, 15)
	log.Append("a", 3, 8)
	log.Append("a", 4, 100)
	showPanes(log, window.Session(10*millisecond))
	// Output:
	// [0,25) pane 0, on-time: 6
	// [100,110) pane 0, on-time: 4
}

// Elements of value 0 carry a watermark.
func ExamplePunctuated() {
	strategy := engine.Punctuated(func(e *engine.Element[int]) (int64, bool) { return e.EventTime, e.Value == 0 })
	generator := strategy(engine.Split{ID: "a", Watermark: engine.NoWatermark})
	current := engine.NoWatermark
	for _, e := range []engine.Element[int]{{Value: 5, EventTime: 10}, {Value: 0, EventTime: 12}, {Value: 7, EventTime: 30}} {
		current, _ = generator.OnElement(&e, current)
		fmt.Println(e.Value, engine.FormatTime(current))
	}
	// Output:
	// 5 none
	// 0 1970-01-01T00:00:00.012Z
	// 7 1970-01-01T00:00:00.012Z
}

// Splits are read to their end though one of them is far ahead at times.
func ExampleMaxBacklogDrift() {
	log := enginetest.NewLog[int64]("silent", "busy")
	log.Append("silent", 1, 0)
	for at := range int64(100) {
		log.Append("busy", 1, 10*at)
	}
	job := engine.NewJob(engine.Config{Name: "backlogs"})
	in := engine.FromSource(job, "log", &enginetest.LogSource[int64]{Log: log, ReadSize: 1, Eager: true},
		engine.Monotonous[enginetest.Record[int64]](), engine.MaxBacklogDrift(50*millisecond))
	var all enginetest.Collect[enginetest.Record[int64]]
	engine.SinkTo(in, "all", &all)
	driver, err := enginetest.Drive(context.Background(), job, engine.NewManualClock(time.Unix(0, 0)), nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(driver.Run(), len(all.Elements())) // nobody waits for the silent one
	_ = driver.Close()
	// Output: <nil> 101
}

func ExampleMaxDrift() {
	log := enginetest.NewLog[int64]("slow", "fast")
	for at := range int64(100) {
		log.Append("fast", 1, 10*at)
		log.Append("slow", 1, at)
	}
	log.Seal()
	job := engine.NewJob(engine.Config{Name: "drift"})
	in := engine.FromSource(job, "log", &enginetest.LogSource[int64]{Log: log, ReadSize: 1},
		engine.Monotonous[enginetest.Record[int64]](), engine.MaxDrift(50*millisecond))
	var all enginetest.Collect[enginetest.Record[int64]]
	engine.SinkTo(in, "all", &all)
	fmt.Println(job.Run(context.Background()), len(all.Elements()))
	// Output: <nil> 200
}
