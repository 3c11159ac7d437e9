package engine

import "taxistream/engine/internal/runtime"

// invariant panics when something that must hold does not: a fault of the engine. It
// costs nothing unless invariants are checked.
func invariant(holds bool, format string, args ...any) {
	if runtime.Checked {
		runtime.Invariant(holds, format, args...)
	}
}
