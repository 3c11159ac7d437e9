package enginetest_test

import (
	"context"
	"fmt"
	"time"

	"taxistream/engine"
	"taxistream/engine/enginetest"
	"taxistream/engine/window"
)

// A world is driven by calls: nothing happens in between.
func Example() {
	ctx := context.Background()
	w, err := enginetest.NewWorld(ctx, enginetest.Settings{Size: 10, Parallelism: 2}, nil, "a", "b")
	if err != nil {
		fmt.Println(err)
		return
	}
	w.Log.Append("a", enginetest.Event{Key: "1"}, 3)
	w.Log.Append("b", enginetest.Event{Key: "1"}, 4)
	w.Log.WatermarkAll(9)
	fmt.Println(w.Run(), w.Look())
	fmt.Println(w.Close())
	// Output:
	// <nil> result key=1 window=[0,10) count=2
	// <nil>
}

// A harness drives one operator by calls.
func ExampleHarness() {
	ctx := context.Background()
	h := enginetest.NewHarness(engine.Config{})
	words := enginetest.NewInput[string](h, "words")
	var counts, late enginetest.Collect[string]
	err := h.Open(ctx, func(job *engine.Job) {
		byWord := engine.KeyBy(words.Stream(job), func(w *string) string { return *w }, engine.StringCodec{})
		results, tooLate := engine.Aggregate(byWord, "count", window.Tumbling(10*time.Millisecond), engine.Aggregation[string, string, int64, string]{
			Add: func(n *int64, _ *engine.Element[string]) { *n++ },
			Result: func(word string, _ window.Window, n *int64) (string, bool) {
				return fmt.Sprint(word, " ", *n), true
			},
			Codec: engine.Int64Codec{},
		})
		engine.SinkTo(results, "counts", &counts)
		engine.SinkTo(tooLate, "late", &late)
	})
	fmt.Println(err, words.Element("tick", 3), words.Element("tick", 4))
	fmt.Println(h.Snapshot(), h.Restore(ctx, 4)) // as four subtasks
	fmt.Println(words.Watermark(9), counts.Take())
	fmt.Println(words.Element("tock", 5), late.Take())
	fmt.Println(h.Close())
	// Output:
	// <nil> <nil> <nil>
	// <nil> <nil>
	// <nil> [tick 2@1970-01-01T00:00:00.009Z]
	// <nil> [tock@1970-01-01T00:00:00.005Z]
	// <nil>
}
