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

// MetricPrefix begins every metric's name.
const MetricPrefix = "taxistream_"

// The reasons for which a record or document is rejected (contract, "Which trips
// count"); the last is a document that OpenSearch refuses for good.
const (
	ReasonMalformed        = "malformed"
	ReasonOutsideCity      = "outside_city"
	ReasonNegativeDuration = "negative_duration"
	ReasonTooLong          = "too_long"
	ReasonTooEarly         = "too_early"
	ReasonLate             = "late"
	ReasonDuplicate        = "duplicate"
	ReasonUnwritable       = "unwritable"
)

// ReasonCount is how many there are.
const ReasonCount = 8

// Reasons are all of them, in the order in which the rules are judged.
func Reasons() []string {
	return []string{
		ReasonMalformed, ReasonOutsideCity, ReasonNegativeDuration, ReasonTooLong, ReasonTooEarly,
		ReasonLate, ReasonDuplicate, ReasonUnwritable,
	}
}
