// Package trip is the domain: a taxi trip, its wire form on the stream, and
// the rules that decide whether it counts (shared contract, "Events on the
// stream" and "Which trips count").
//
// All times are int64 milliseconds since the Unix epoch, UTC. The event time of
// a trip is its dropoff time: the taxi reports the trip when it ends.
package trip

import "taxistream/internal/names"

// Trip is one finished taxi ride. It holds no pointer, so a slice of trips
// costs the garbage collector nothing.
type Trip struct {
	ID                     int64 // positive; 0 where a reader has none and the id is still to be derived
	PickupLat, PickupLon   float64
	DropoffLat, DropoffLon float64
	TotalAmount            float64 // dollars; meaningful only if HasAmount
	Pickup, Dropoff        int64   // ms since the epoch, UTC
	HasAmount              bool
}

// EventTime is the time that the trip is ordered and windowed by, in ms.
func (t *Trip) EventTime() int64 { return t.Dropoff }

// Kind tells the two events of the stream apart.
type Kind uint8

// The kinds of event on the stream.
const (
	KindTrip Kind = iota + 1
	KindWatermark
)

// Event is one decoded record of the stream.
type Event struct {
	Kind      Kind
	Trip      Trip  // for KindTrip
	Watermark int64 // ms, for KindWatermark
}

// Reason names the first rule that a record breaks. The values are the ones of
// the contract's table and appear in taxi_rejects documents and metrics.
type Reason string

// The reasons, in the order in which the rules are judged.
const (
	ReasonMalformed        Reason = names.ReasonMalformed
	ReasonOutsideCity      Reason = names.ReasonOutsideCity
	ReasonNegativeDuration Reason = names.ReasonNegativeDuration
	ReasonTooLong          Reason = names.ReasonTooLong
	ReasonTooEarly         Reason = names.ReasonTooEarly
	ReasonLate             Reason = names.ReasonLate
	ReasonDuplicate        Reason = names.ReasonDuplicate
	ReasonUnwritable       Reason = names.ReasonUnwritable
)
