// Package names spells every name that two parts of the pipeline share, once:
// streams, aliases, reject reasons, metrics. Programs, infrastructure and
// dashboards take them from here, so that a renamed thing is renamed everywhere.
package names

// Stream is the Kinesis stream that the programs use unless told otherwise.
const Stream = "taxi-trip-events"

// Aliases of the monthly indexes (contract, "Results"). An index prefix goes before each.
const (
	PickupCount  = "pickup_count"
	TripDuration = "trip_duration"
	TaxiRejects  = "taxi_rejects"
)

// Region serves when an endpoint is given and no region is configured.
const Region = "us-east-1"

// MetricPrefix begins every metric name; the rest is Flink's name in snake case with its unit.
const MetricPrefix = "taxistream_"
