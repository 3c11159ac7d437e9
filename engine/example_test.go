package engine_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
	"taxistream/engine/window"
)

// Pickups by cell in windows of ten seconds, each ride once however often it was sent.
func ExampleDistinct() {
	log := enginetest.NewLog[ride]("shard-0", "shard-1")
	log.Append("shard-0", ride{ID: 1, Cell: 7}, 1_000)
	log.Append("shard-1", ride{ID: 2, Cell: 7}, 2_000)
	log.Append("shard-1", ride{ID: 1, Cell: 7}, 1_000) // sent twice
	log.Append("shard-0", ride{ID: 3, Cell: 9}, 12_000)
	log.Seal()

	job := engine.NewJob(engine.Config{Name: "rides", Parallelism: 2, Store: checkpoint.NewMemory(3)})
	in := engine.FromSource(job, "rides", &enginetest.LogSource[ride]{Log: log}, enginetest.Watermarks[ride]())
	byID := engine.KeyBy(in, func(r *record) int64 { return r.Value.ID }, engine.Int64Codec{})
	unique, again, _ := engine.Distinct(byID, "dedupe", func(r *record) int64 { return window.Start(r.Time, 10_000) + 9_999 })
	byCell := engine.KeyBy(unique, func(r *record) int64 { return r.Value.Cell }, engine.Int64Codec{})
	counts, _ := engine.Aggregate(byCell, "hotspots", window.Tumbling(10*time.Second), engine.Aggregation[int64, record, int64, string]{
		Add: func(n *int64, _ *engine.Element[record]) { *n++ },
		Result: func(cell int64, w window.Window, n *int64) (string, bool) {
			return fmt.Sprintf("from %d ms: cell %d, %d rides", w.Start, cell, *n), true
		},
		Codec: engine.Int64Codec{},
	})
	var documents enginetest.Collect[string]
	var duplicates enginetest.Collect[record]
	engine.SinkTo(counts, "documents", &documents)
	engine.SinkTo(again, "duplicates", &duplicates)
	if err := job.Run(context.Background()); err != nil {
		fmt.Println(err)
	}

	var lines []string
	for _, e := range documents.Elements() {
		lines = append(lines, e.Value)
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
	fmt.Println(len(duplicates.Elements()), "duplicate")
	// Output:
	// from 0 ms: cell 7, 2 rides
	// from 10000 ms: cell 9, 1 rides
	// 1 duplicate
}
