package document

import (
	"taxistream/internal/geo"
	"taxistream/internal/trip"
)

// Hotspot is the number of pickups in a cell in a window [Start, End), ms.
type Hotspot struct {
	Cell       geo.Cell
	Start, End int64
	Count      int64
	Arrival    int64 // of its latest record, ms; trip.NoArrival: not known
}

// AirportKey groups airport trips: where they began and where they went.
type AirportKey struct {
	Cell    geo.Cell
	Airport geo.Airport
}

// Durations summarises trip durations in whole milliseconds, so that the order
// of adding changes nothing: averages are made once, in the document.
type Durations struct{ Count, SumMs, MinMs, MaxMs int64 }

// Add takes in one more trip of ms.
func (d *Durations) Add(ms int64) {
	if d.Count == 0 || ms < d.MinMs {
		d.MinMs = ms
	}
	if d.Count == 0 || ms > d.MaxMs {
		d.MaxMs = ms
	}
	d.Count++
	d.SumMs += ms
}

// AirportTrips is the summary of the trips from a cell to an airport that
// ended in a window [Start, End), ms.
type AirportTrips struct {
	AirportKey
	Durations
	Start, End int64
	Arrival    int64 // of its latest record, ms; trip.NoArrival: not known
}

// Reject is a record that does not count, with what is needed to find it again.
type Reject struct {
	Reason       trip.Reason
	Detail       string
	Record       []byte
	Shard        string
	Sequence     string
	Sub          int // position inside an aggregate, 0 elsewhere
	EventTime    int64
	HasEventTime bool
	Arrival      int64 // ms
}

// Arrival is when the latest record arrived of those that a document's value was made
// of, ms. It is not known of what a record without one made, of results that only a
// checkpoint remembered, and of documents that stand for refused ones.
func Arrival(value any) (ms int64, known bool) {
	switch r := value.(type) {
	case Hotspot:
		ms = r.Arrival
	case AirportTrips:
		ms = r.Arrival
	case Reject:
		if r.Reason != trip.ReasonUnwritable {
			ms = r.Arrival
		}
	}
	return ms, ms != trip.NoArrival
}

// Ring is the cell's corners, [lon, lat], without the point that closes the boundary.
func (h Hotspot) Ring() ([][2]float64, error) {
	ring, err := h.Cell.Boundary()
	if err != nil {
		return nil, err
	}
	return ring[:len(ring)-1], nil
}

// Minutes is the sum of the durations.
func (a AirportTrips) Minutes() float64 { return float64(a.SumMs) / minute }

// minute is in ms.
const minute = 60000
