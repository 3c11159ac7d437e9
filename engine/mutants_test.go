//go:build mutants

package engine_test

import (
	"testing"

	"taxistream/engine/internal/runtime"
)

// mutantSeeds is the most simulations that a mutant may survive; most are caught by one of the first ten.
const mutantSeeds = 10_000

// Ensure that each mutant of the engine is caught by some simulation, and that this
// simulation passes without it.
func TestMutants(t *testing.T) {
	for _, m := range runtime.Mutants {
		t.Run(string(m), func(t *testing.T) {
			defer func() { runtime.Mutated = "" }()
			for s := range uint64(mutantSeeds) {
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
