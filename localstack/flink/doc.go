// Package flink holds the job on Apache Flink (processor/flink) against the oracle and against
// the Go processor, on the embedded servers. `make test-flink` builds the job and runs it.
package flink
