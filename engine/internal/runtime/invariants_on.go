//go:build invariants || race

package runtime

import "fmt"

// Checked tells that invariants are checked: in race builds and under the tag invariants.
const Checked = true

// Invariant panics when something that must hold does not: a fault of the engine.
func Invariant(holds bool, format string, args ...any) {
	if !holds {
		panic("engine invariant: " + fmt.Sprintf(format, args...))
	}
}
