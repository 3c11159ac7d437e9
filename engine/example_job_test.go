package engine_test

import (
	"context"
	"fmt"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/window"
)

type Ride struct {
	Cell uint64
	At   time.Time
}

// The job of the package's comment: pickups by cell in windows of ten minutes, with checkpoints in memory.
func Example() {
	began := time.Date(2016, 1, 5, 8, 0, 0, 0, time.UTC)
	rides := []Ride{{7, began}, {7, began.Add(3 * time.Minute)}, {9, began.Add(2 * time.Minute)}, {7, began.Add(11 * time.Minute)}}
	source := engine.Sequence[Ride]{Count: int64(len(rides)), At: func(i int64) engine.Element[Ride] {
		return engine.Element[Ride]{Value: rides[i], EventTime: rides[i].At.UnixMilli()}
	}}
	documents := engine.SinkFunc(func(batch []engine.Element[engine.Aggregated[uint64, int64]]) error {
		for _, e := range batch {
			fmt.Printf("cell %d, %s: %d\n", e.Value.Key, time.UnixMilli(e.Value.Window.Start).UTC().Format("15:04"), e.Value.Value)
		}
		return nil
	})
	rejects := engine.SinkFunc(func([]engine.Element[Ride]) error { return nil })
	ctx, store := context.Background(), checkpoint.NewMemory(3)

	job := engine.NewJob(engine.Config{Name: "rides", Parallelism: 4, Store: store})
	in := engine.FromSource(job, "rides", source, engine.BoundedOutOfOrderness[Ride](10*time.Second))
	byCell := engine.KeyBy(in, func(r *Ride) uint64 { return r.Cell }, engine.Uint64Codec{})
	counts, late := engine.Aggregate(byCell, "pickups", window.Tumbling(10*time.Minute), engine.Count[uint64, Ride]())
	engine.SinkTo(counts, "documents", documents)
	engine.SinkTo(late, "rejects", rejects)
	err := job.Run(ctx)
	if err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// cell 7, 08:00: 2
	// cell 9, 08:00: 1
	// cell 7, 08:10: 1
}
