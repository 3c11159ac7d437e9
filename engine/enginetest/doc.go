// Package enginetest is the engine's test kit: a stream in memory that can be
// split, merged and read again (Log), sinks that remember, a harness that drives
// one operator by calls and by scenario files, and the slow, obvious model that
// every fast path must agree with.
//
// It is for tests, of the engine and of jobs. It starts no goroutine.
package enginetest
