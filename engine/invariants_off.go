//go:build !invariants && !race

package engine

const invariants = false

func assertf(bool, string, ...any) {}
