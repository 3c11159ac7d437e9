package engine_test

import (
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

// valueSums are taken by window in the tests of this file.
var valueSums = engine.Aggregation[int64, enginetest.Record[int64], int64, int64]{
	Add:    func(sum *int64, e *engine.Element[enginetest.Record[int64]]) { *sum += e.Value.Value },
	Merge:  func(into, from *int64) { *into += *from },
	Result: func(_ int64, _ window.Window, sum *int64) (int64, bool) { return *sum, true },
	Codec:  engine.Int64Codec{},
}

// Ensure that the bytes of sessions, triggers and slices do not change unnoticed.
func TestWindowState_Golden(t *testing.T) {
	log := enginetest.NewLog[int64]("a")
	for i := range int64(5) {
		log.Append("a", i, 3*i)
	}
	log.Watermark("a", 4)
	store := checkpoint.NewMemory(1)
	job := engine.NewJob(engine.Config{Name: "test", Store: store, MaxParallelism: 4})
	in := engine.FromSource(job, "values", &enginetest.LogSource[int64]{Log: log, Eager: true}, enginetest.Watermarks[int64]())
	byValue := engine.KeyBy(in, func(r *enginetest.Record[int64]) int64 { return r.Value % 2 }, engine.Int64Codec{})
	sessions, _ := engine.Aggregate(byValue, "sessions", window.Session(5*time.Millisecond), valueSums,
		engine.Trigger(trigger.EarlyAndLate(trigger.Count(2), trigger.EveryEventTime(time.Second))), engine.Discarding())
	sliding, _ := engine.Aggregate(byValue, "sliding", window.Sliding(6*time.Millisecond, 4*time.Millisecond), valueSums)
	engine.SinkTo(sessions, "sessions sink", &enginetest.Collect[int64]{})
	engine.SinkTo(sliding, "sliding sink", &enginetest.Collect[int64]{})
	d, err := enginetest.Drive(t.Context(), job, engine.SystemClock{}, nil)
	if err == nil {
		err = d.Run()
	}
	if err == nil {
		err = d.Stop()
	}
	if err != nil {
		t.Fatal(err)
	}
	compareGolden(t, store, "windows-v1")
}

// Ensure that what a timer of processing time changed is saved, though no source has moved.
func TestWindows_SavedByClock(t *testing.T) {
	log := enginetest.NewLog[int64]("a")
	log.Append("a", 7, 1)
	clock := engine.NewManualClock(time.UnixMilli(0))
	job := engine.NewJob(engine.Config{
		Name: "test", Store: checkpoint.NewMemory(1), Clock: clock, CheckpointInterval: time.Second, TickInterval: 100 * time.Millisecond,
	})
	in := engine.FromSource(job, "values", &enginetest.LogSource[int64]{Log: log, Eager: true}, enginetest.Watermarks[int64]())
	byValue := engine.KeyBy(in, func(r *enginetest.Record[int64]) int64 { return r.Value }, engine.Int64Codec{})
	sums, _ := engine.Aggregate(byValue, "sums", window.ProcessingTime(window.Tumbling(10*time.Second)), valueSums)
	var results enginetest.Collect[int64]
	engine.SinkTo(sums, "results", &results)
	d, err := enginetest.Drive(t.Context(), job, clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Kill()
	second := func() int64 {
		for range 10 {
			clock.Advance(100 * time.Millisecond)
			if err := d.Tick(); err != nil {
				t.Fatal(err)
			}
		}
		return job.Status().Checkpoints.LastID
	}
	if err := d.Run(); err != nil {
		t.Fatal(err)
	}
	second()
	quiet := second()
	for range 6 {
		if id := second(); id != quiet {
			t.Fatalf("checkpoint %d is taken though nothing has changed since %d", id, quiet)
		}
	}
	second()
	second() // the window ends
	if n := len(results.Elements()); n != 1 {
		t.Fatalf("%d results", n)
	}
	if id := second(); id == quiet {
		t.Error("no checkpoint holds that the window has fired")
	}
}

// Ensure that a plan says what windows and an aggregation lack to go together.
func TestAggregate_Refused(t *testing.T) {
	noMerge, noResult := valueSums, valueSums
	noMerge.Merge = nil
	noResult.Result = nil
	for what, add := range map[string]func(in *engine.KeyedStream[int64, enginetest.Record[int64]]){
		"no merge": func(in *engine.KeyedStream[int64, enginetest.Record[int64]]) {
			engine.Aggregate(in, "windows", window.Session(time.Second), noMerge)
		},
		"no result": func(in *engine.KeyedStream[int64, enginetest.Record[int64]]) {
			engine.Aggregate(in, "windows", window.Tumbling(time.Second), noResult)
		},
		"lateness of processing time": func(in *engine.KeyedStream[int64, enginetest.Record[int64]]) {
			engine.Aggregate(in, "windows", window.ProcessingTime(window.Tumbling(time.Second)), valueSums, engine.AllowedLateness(time.Second))
		},
		"another type": func(in *engine.KeyedStream[int64, enginetest.Record[int64]]) {
			engine.Aggregate(in, "windows", window.SessionBy(func(*string) time.Duration { return time.Second }), valueSums)
		},
	} {
		job := engine.NewJob(engine.Config{Name: "test"})
		in := engine.FromSource(job, "values", &enginetest.LogSource[int64]{Log: enginetest.NewLog[int64]("a")}, enginetest.Watermarks[int64]())
		add(engine.KeyBy(in, func(r *enginetest.Record[int64]) int64 { return r.Value }, engine.Int64Codec{}))
		if err := job.Run(t.Context()); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
