// Package telemetry is how the programs speak to those who run them: logs on
// standard error, metrics in Prometheus' text format and in CloudWatch's embedded
// one, health on HTTP.
//
// It knows no trip and no engine. A program hands it a function that lists the
// figures of the moment; nothing is counted here, so nothing grows here, but for
// the last values that EMF keeps, one for each counter listed.
package telemetry
