//go:build !invariants && !race

package runtime

// Checked tells that invariants are checked.
const Checked = false

// Invariant does nothing.
func Invariant(bool, string, ...any) {}
