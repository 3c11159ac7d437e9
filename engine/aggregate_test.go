package engine_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/engine"
	"taxistream/engine/enginetest"
	"taxistream/engine/window"
)

// asked hides that windows do not overlap, so that each element's are asked for.
type asked struct{ window.Assigner }

// Ensure that it changes nothing, not even the order of results, late elements or
// repeated firings, that windows are known not to overlap.
func TestAggregate_Partition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		log := drawLog(rt)
		job := engine.NewJob(engine.Config{Name: "test", BatchSize: rapid.IntRange(1, 20).Draw(rt, "batch size"), ChannelCapacity: 1000})
		in := engine.FromSource(job, "rides", &enginetest.LogSource[ride]{Log: log, ReadSize: rapid.IntRange(1, 40).Draw(rt, "read size")}, enginetest.Watermarks[ride]())
		byCell := engine.KeyBy(in, func(r *record) int64 { return r.Value.Cell }, int64Codec{})
		lateness := engine.AllowedLateness(time.Duration(rapid.Int64Range(0, 2*size).Draw(rt, "lateness")) * time.Millisecond)
		windows := window.Tumbling(time.Duration(size) * time.Millisecond)
		var known, slow struct {
			counts enginetest.Collect[cellCount]
			late   enginetest.Collect[record]
		}
		counts, late := engine.Aggregate(byCell, "known", windows, cellCounts, lateness)
		engine.SinkTo(counts, "known counts", &known.counts)
		engine.SinkTo(late, "known late", &known.late)
		counts, late = engine.Aggregate(byCell, "slow", asked{windows}, cellCounts, lateness)
		engine.SinkTo(counts, "slow counts", &slow.counts)
		engine.SinkTo(late, "slow late", &slow.late)

		d, err := enginetest.Drive(t.Context(), job, engine.SystemClock{}, nil)
		if err == nil {
			err = d.Run()
		}
		if err == nil {
			err = d.Close()
		}
		if err != nil {
			rt.Fatal(err)
		}
		if !slices.Equal(known.counts.Elements(), slow.counts.Elements()) {
			rt.Fatalf("results\n got %v\nwant %v", known.counts.Elements(), slow.counts.Elements())
		}
		if !slices.Equal(known.late.Elements(), slow.late.Elements()) {
			rt.Fatalf("late\n got %v\nwant %v", known.late.Elements(), slow.late.Elements())
		}
	})
}
