package trips

import (
	"fmt"
	"strings"
)

// The columns that make a trip.
const (
	colPickup = iota
	colDropoff
	colPickupLon
	colPickupLat
	colDropoffLon
	colDropoffLat
	colPickupZone
	colDropoffZone
	colTotal
	numColumns
	noColumn = -1
)

// columnNames are the TLC's names over the years, and those of the renamed
// samples, in lower case and without white space around them.
var columnNames = map[string]int{
	"trip_pickup_datetime": colPickup, "pickup_datetime": colPickup, "tpep_pickup_datetime": colPickup, "lpep_pickup_datetime": colPickup,
	"trip_dropoff_datetime": colDropoff, "dropoff_datetime": colDropoff, "tpep_dropoff_datetime": colDropoff, "lpep_dropoff_datetime": colDropoff,
	"start_lon": colPickupLon, "pickup_longitude": colPickupLon, "pickup_lon": colPickupLon,
	"start_lat": colPickupLat, "pickup_latitude": colPickupLat, "pickup_lat": colPickupLat,
	"end_lon": colDropoffLon, "dropoff_longitude": colDropoffLon, "dropoff_lon": colDropoffLon,
	"end_lat": colDropoffLat, "dropoff_latitude": colDropoffLat, "dropoff_lat": colDropoffLat,
	"pulocationid": colPickupZone, "pickup_location_id": colPickupZone,
	"dolocationid": colDropoffZone, "dropoff_location_id": colDropoffZone,
	"total_amt": colTotal, "total_amount": colTotal,
}

// layout says where the columns of a trip stand in a row.
type layout struct {
	at      [numColumns]int // index of the column, or noColumn
	placing placing
	slots   []int8 // by index: the column, or noColumn
	// Of CSV: what stands between two fields, and whether a field may stand in quotes.
	separator byte
	quoted    bool
}

// newLayout finds the columns by name. The error says what is there and what is missing.
func newLayout(names []string) (layout, error) {
	l := layout{separator: ','}
	for i := range l.at {
		l.at[i] = noColumn
	}
	for i, name := range names {
		if c, ok := columnNames[strings.ToLower(strings.TrimSpace(name))]; ok && l.at[c] == noColumn {
			l.at[c] = i
		}
	}
	if !l.has(colPickup, colDropoff) || !l.findPlacing() {
		return l, fmt.Errorf("unknown columns %s: a trip needs pickup and dropoff times, and coordinates or zone numbers, under the TLC's names", shorten(strings.Join(names, ",")))
	}
	l.slots = make([]int8, len(names))
	for i := range l.slots {
		l.slots[i] = noColumn
	}
	for c, at := range l.at {
		if l.needs(c) {
			l.slots[at] = int8(c)
		}
	}
	for n := len(l.slots); n > 0 && l.slots[n-1] == noColumn; n-- {
		l.slots = l.slots[:n-1]
	}
	return l, nil
}

func (l *layout) has(columns ...int) bool {
	for _, c := range columns {
		if l.at[c] == noColumn {
			return false
		}
	}
	return true
}

func shorten(s string) string {
	if len(s) > keepText {
		return s[:keepText] + "…"
	}
	return s
}
