package job

import (
	"taxistream/internal/geo"
	"taxistream/internal/results/document"
	"taxistream/internal/trip"
)

// Origin is where a Kinesis record stood. The trips of one aggregate share it.
type Origin struct {
	Shard    string
	Sequence string
	Arrival  int64 // ApproximateArrivalTimestamp, ms; trip.NoArrival: the record has none
}

// Record is one event as it was read: a trip, a watermark, or bytes that are
// neither. The source fills it; the watermark generator adds ShardWatermark.
type Record struct {
	Trip      trip.Trip
	Kind      trip.Kind // 0: malformed
	Sub       int32     // position inside an aggregate, 0 elsewhere
	Watermark int64     // of a watermark record
	// ShardWatermark is the last watermark of the record's own shard when it was
	// read: it makes "late" a fact of the stream.
	ShardWatermark int64
	Fault          string // what is wrong with malformed bytes
	Data           []byte
	Origin         *Origin
}

// Trip is a trip that no rule has turned away so far. It carries what the
// windows need and what a reject would need.
type Trip struct {
	ID                   int64
	PickupLat, PickupLon float64
	DurationMs           int64
	Closes               int64 // the watermark at which the trip can no longer count
	Airport              uint8 // geo.Airport
	Sub                  int32
	Data                 []byte
	Origin               *Origin
}

// reject is the reject of a trip that fell out behind the shuffle.
func (t *Trip) reject(reason trip.Reason, detail string, eventTime int64) document.Reject {
	return document.Reject{
		Reason: reason, Detail: detail, Record: t.Data,
		Shard: t.Origin.Shard, Sequence: t.Origin.Sequence, Sub: int(t.Sub),
		EventTime: eventTime, HasEventTime: true, Arrival: t.Origin.Arrival,
	}
}

// Pickup is what a counted trip adds to the demand: one at its cell.
type Pickup struct {
	Cell    geo.Cell
	Arrival int64 // of its record, ms
}

// Ride is what a counted trip to an airport adds: its duration in ms.
type Ride struct {
	Key        document.AirportKey
	DurationMs int64
	Arrival    int64 // of its record, ms
}

// pickups are what a window holds of a cell, rides what it holds of a cell and an
// airport. Of latest, the arrival of the latest of them (ms), checkpoints know nothing:
// it changes no document, and says only how soon one follows. So after a restart it is
// trip.NoArrival until the next comes.
type (
	pickups struct{ count, latest int64 }
	rides   struct {
		document.Durations
		latest int64
	}
)
