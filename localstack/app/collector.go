package app

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// A demo is four programs in one process, of which most memory is what is on its way between
// them. With GOGC=100 a month takes half as much memory again; with 40 a single day, whose heap is
// small, is collected so often that it costs a tenth more CPU. So a heap may grow to heapGoal
// between two collections, and beyond that by leastPercent.
const (
	heapGoal                  = 192 << 20
	leastPercent, mostPercent = 40, 400
)

// percentFor is the GOGC for so many bytes that live.
func percentFor(live uint64) int {
	if live == 0 {
		return mostPercent
	}
	return min(max((heapGoal-int(live))*100/int(live), leastPercent), mostPercent)
}

// collectEvery is the time between two looks at the heap.
const collectEvery = 100 * time.Millisecond

// tuneCollector follows percentFor until ctx ends, unless GOGC is given.
func tuneCollector(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(collectEvery)
	defer tick.Stop()
	for now := 0; ; {
		metrics.Read(live)
		if p := percentFor(live[0].Value.Uint64()); p != now {
			now = p
			debug.SetGCPercent(p)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
