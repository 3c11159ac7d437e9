//go:build race

package engine_test

// raceChecks is how many random cases each property gets where each costs ten times
// as much; a run without the race detector makes all.
const raceChecks = "50"
