//go:build !invariants && !race

package engine

func assertf(bool, string, ...any) {}
