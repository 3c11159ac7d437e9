// Package chaos runs producer, processor, Kinesis and the results store as processes of their own,
// over real sockets, under schedules of faults that a seed draws, and holds what they have written
// against the oracle's verdict over the records as they stand on the stream. docs/chaos.md says what
// is tried and how to read its report; `make chaos` runs it.
package chaos
