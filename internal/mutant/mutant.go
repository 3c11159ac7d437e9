// Package mutant holds faults that can be put into the programs, to show that their
// simulation (localstack/simulation) finds them. They exist under the build tag mutants
// only; without it Is is false, and costs nothing. The engine has its own.
package mutant

// Mutant is what is made wrong.
type Mutant string

// All there are.
const (
	Unflushed      Mutant = "a checkpoint does not wait for the documents before it"
	CountedTwice   Mutant = "a trip that comes twice counts twice"
	Skipped        Mutant = "a reader that goes on from a checkpoint leaves out a record"
	Unnoticed      Mutant = "the loss of the lease is not noticed"
	NotedEarly     Mutant = "progress is noted before trips are acknowledged"
	WatermarkEarly Mutant = "a watermark does not wait for the trips in flight"
	Unanswered     Mutant = "a put without an answer counts as acknowledged"
)
