package enginetest_test

import (
	"context"
	"fmt"

	"taxistream/engine/enginetest"
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
