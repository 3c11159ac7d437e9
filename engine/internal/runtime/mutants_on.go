//go:build mutants

package runtime

// Mutant is a fault put into the engine, to show that the simulation finds it. They exist
// under the build tag mutants only.
type Mutant string

// Mutants are all there are.
var Mutants = []Mutant{
	Overtake, NoWatermark, GroupTwice, ForgetPrepared, LoseBatch, NoAlignment, ForgetWaking, EarlyChild, LoseTimer, LoseMerged, ForgetTrigger,
	LoseMoved, EarlyMove, StaleIdle,
}

// Mutated is the one in force.
var Mutated Mutant

// Is tells whether a mutant is in force.
func Is(m Mutant) bool { return Mutated == m }
