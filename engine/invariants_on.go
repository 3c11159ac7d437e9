//go:build invariants || race

package engine

import "fmt"

// invariants are checked in race builds and under the tag of that name.
const invariants = true

// assertf panics when something that must hold does not: a fault of the engine.
func assertf(holds bool, format string, args ...any) {
	if !holds {
		panic("engine invariant: " + fmt.Sprintf(format, args...))
	}
}
