//go:build invariants || race

package engine

import "fmt"

// assertf panics when something that must hold does not: a fault of the engine. It
// is on in race builds and under the tag invariants.
func assertf(holds bool, format string, args ...any) {
	if !holds {
		panic("engine invariant: " + fmt.Sprintf(format, args...))
	}
}
