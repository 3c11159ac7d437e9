package engine_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"taxistream/engine/enginetest"
	"taxistream/engine/state"
	"taxistream/engine/state/disk"
)

var (
	seeds     = flag.Int("seeds", 20, "simulations of TestSimulation")
	firstSeed = flag.Uint64("seed", 0, "the first seed of TestSimulation; with -seeds 1 a failure is made again")
)

// drawn is a simulation in which all but the seed is drawn.
func drawn(seed uint64) enginetest.Simulation {
	return enginetest.Simulation{Seed: seed, Stages: -1, Parallelism: -1, Disk: func() (state.Opener, func() error, error) {
		folder, err := disk.Open("state", disk.Options{FS: vfs.NewMem(), MemTableBytes: 1 << 18, CacheBytes: 1 << 16})
		if err != nil {
			return nil, nil, err
		}
		return folder, folder.Close, nil
	}}
}

// Ensure that whatever program, schedule and faults are drawn, what is outside in the
// end is what the model says; and that every kind of fault did occur.
func TestSimulation(t *testing.T) {
	faults := enginetest.Faults{}
	var mu sync.Mutex
	var group sync.WaitGroup
	next := make(chan uint64)
	var failed []uint64
	for range 2 {
		group.Go(func() {
			for s := range next {
				occurred, err := drawn(s).Run(t.Context())
				mu.Lock()
				if err != nil {
					failed = append(failed, s)
				}
				for kind, n := range occurred {
					faults[kind] += n
				}
				mu.Unlock()
			}
		})
	}
	for i := range uint64(*seeds) {
		next <- *firstSeed + i
	}
	close(next)
	group.Wait()
	if len(failed) > 0 {
		slices.Sort(failed)
		small, err := enginetest.Shrink(t.Context(), drawn(failed[0]))
		t.Fatalf("%d of %d simulations fail, the first with -seed %d; shrunk to %+v:\n%v", len(failed), *seeds, failed[0], small, err)
	}
	var lines []string
	for _, kind := range enginetest.Drawn() {
		lines = append(lines, fmt.Sprintf("%8d  %s", faults[kind], kind))
		if faults[kind] == 0 && *seeds >= 100 {
			t.Errorf("no %q occurred in %d simulations", kind, *seeds)
		}
	}
	t.Logf("%d simulations:\n%s", *seeds, strings.Join(lines, "\n"))
}

// Ensure that a seed gives one history, to the last fault.
func TestSimulation_Deterministic(t *testing.T) {
	for s := range uint64(5) {
		first, err := drawn(s).Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		again, err := drawn(s).Run(t.Context())
		if err != nil || fmt.Sprint(first) != fmt.Sprint(again) {
			t.Errorf("seed %d: %v, then %v, %v", s, first, again, err)
		}
	}
}
