//go:build mutants

package simulation

import (
	"testing"

	"taxistream/internal/mutant"
)

// mutantSeeds is the most worlds that a mutant may survive; most are caught in one of the first ten.
const mutantSeeds = 100

// Ensure that each mutant of the programs is caught in some world, in which nothing is
// wrong without it.
func TestMutants(t *testing.T) {
	for _, m := range mutant.All {
		t.Run(string(m), func(t *testing.T) {
			defer func() { mutant.InForce = "" }()
			for seed := range uint64(mutantSeeds) {
				mutant.InForce = m
				_, failure := simulate(t, seed)
				if failure == "" {
					continue
				}
				t.Logf("caught by seed %d: %.400s", seed, failure)
				mutant.InForce = ""
				if _, failure := simulate(t, seed); failure != "" {
					t.Errorf("seed %d fails without the mutant: %s", seed, failure)
				}
				return
			}
			t.Errorf("the mutant survives %d worlds", mutantSeeds)
		})
	}
}
