package watermark_test

import (
	"fmt"
	"time"

	"taxistream/engine/watermark"
)

// Two shards; the first splits into two while the clock runs.
func Example() {
	now := time.Unix(0, 0)
	clock := watermark.NewCombiner(0)
	clock.Register("shard-0", watermark.None, false)
	clock.Register("shard-1", watermark.None, false)
	clock.Advance("shard-0", 700, now)
	clock.Advance("shard-1", 900, now)
	fmt.Println(clock.Combined())
	clock.End("shard-0", []string{"shard-2", "shard-3"})
	clock.Advance("shard-2", 800, now)
	fmt.Println(clock.Combined(), "shard-3 holds")
	clock.Advance("shard-3", 850, now)
	fmt.Println(clock.Combined())
	// Output:
	// 700
	// 700 shard-3 holds
	// 800
}

// A task with two inputs, one of which falls silent and comes back.
func ExampleValve() {
	valve := watermark.NewValve(2)
	valve.Advance(0, 10)
	fmt.Println(valve.Advance(1, 5))
	fmt.Println(valve.SetIdle(1, true))
	valve.SetIdle(1, false)
	fmt.Println(valve.Advance(1, 7)) // it has not caught up
	fmt.Println(valve.Advance(0, 20))
	// Output:
	// 5 true
	// 10 true
	// 10 false
	// 20 true
}
