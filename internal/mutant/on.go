//go:build mutants

package mutant

// All are the mutants.
var All = []Mutant{Unflushed, CountedTwice, Skipped, Unnoticed, NotedEarly, WatermarkEarly, Unanswered}

// InForce is the one that is, "" for none. It is changed while nothing runs.
var InForce Mutant

// Is tells whether a mutant is in force.
func Is(m Mutant) bool { return InForce == m }
