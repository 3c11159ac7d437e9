// Package integration holds the pipeline, and the embedded servers, against the
// real servers: LocalStack and OpenSearch in containers.
//
//	make integration            everything; INTEGRATION=skip where there is no Docker
//	go test -tags integration -run Conformance ./localstack/integration
//
// Without the build tag only what needs no Docker runs: the conformance suites
// against the embedded servers. Both suites are tables of requests and
// expected answers; docs/conformance.md is written from them (-update) and
// lists where a server differs, and why.
//
// A run starts each server once, on a loopback port that stays through
// restarts, and removes it at the end; a killed run's containers are removed by
// Ryuk. A test that needs a server of its own or other settings says so in its
// options. Tests on a shared server use stream names, index prefixes and
// buckets of their own.
package integration
