//go:build mutants

package engine_test

import (
	"testing"

	"taxistream/engine/internal/runtime"
)

// mutantSeeds is the most simulations that a mutant may survive; most are caught by one of the first ten.
const mutantSeeds = 10_000

// mutantStart is where the search for a mutant that few simulations catch begins: before the one that
// was found by searching from 0. Where simulations are drawn in another way, the search is only longer.
var mutantStart = map[runtime.Mutant]uint64{
	runtime.EarlyMove: 3400,
}

// Ensure that each mutant of the engine is caught by some simulation, and that this
// simulation passes without it.
func TestMutants(t *testing.T) {
	for _, m := range runtime.Mutants {
		t.Run(string(m), func(t *testing.T) {
			defer func() { runtime.Mutated = "" }()
			for i := range uint64(mutantSeeds) {
				s := mutantStart[m] + i
				runtime.Mutated = m
				if _, err := drawn(s).Run(t.Context()); err == nil {
					continue
				} else {
					t.Logf("caught by seed %d: %.300s", s, err.Error())
				}
				runtime.Mutated = ""
				if _, err := drawn(s).Run(t.Context()); err != nil {
					t.Fatalf("seed %d fails without the mutant: %v", s, err)
				}
				return
			}
			t.Errorf("the mutant survives %d simulations", mutantSeeds)
		})
	}
}
