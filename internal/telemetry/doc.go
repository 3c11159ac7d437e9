// Package telemetry is how the programs speak to those who run them: logs on
// standard error, metrics in Prometheus' text format, health on HTTP.
//
// It knows no trip and no engine. A program hands it a function that lists the
// figures of the moment; nothing is counted here, so nothing grows here.
package telemetry
