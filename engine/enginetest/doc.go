// Package enginetest is the engine's test kit: a harness that runs one operator by calls
// (Harness), a stream in memory that can be split, merged and read again (Log), sinks that
// remember (Collect), a driver that runs any job step by step (Drive), a world for scenario
// files (RunScenario), the slow, obvious model that every fast path must agree with, and a
// simulation that draws programs, schedules and faults from a seed (Simulation).
//
// It is for tests, of the engine and of jobs. It starts no goroutine.
package enginetest
