package trips

import "taxistream/internal/trip"

// placing says where a file's rows have their places.
type placing uint8

const (
	byCoordinates placing = iota // at both ends, and there is no zone
	byZones                      // at both ends, and there are no coordinates
	byEither                     // each end of each row by what it has
)

// findPlacing finds out how rows are placed; false if an end can have no place.
func (l *layout) findPlacing() bool {
	coordinates, zones := 0, 0
	for end := range 2 {
		lon, lat, zone := endColumns(end)
		c, z := l.has(lon, lat), l.has(zone)
		if !c && !z {
			return false
		}
		if c {
			coordinates++
		}
		if z {
			zones++
		}
	}
	switch {
	case zones == 0:
		l.placing = byCoordinates
	case coordinates == 0:
		l.placing = byZones
	default:
		l.placing = byEither
	}
	return true
}

// String is how a format's name says it.
func (p placing) String() string {
	return [...]string{"coordinates", "zones", "coordinates and zones"}[p]
}

// endColumns are the columns of the pickup (0) or the dropoff (1).
func endColumns(end int) (lon, lat, zone int) {
	return colPickupLon + 2*end, colPickupLat + 2*end, colPickupZone + end
}

// needs reports whether a column of a trip is there and read.
func (l *layout) needs(column int) bool {
	switch column {
	case colPickupLon, colPickupLat, colDropoffLon, colDropoffLat:
		return l.at[column] != noColumn && l.placing != byZones
	case colPickupZone, colDropoffZone:
		return l.at[column] != noColumn && l.placing != byCoordinates
	}
	return l.at[column] != noColumn
}

// place puts both ends of a trip at what the row has.
func (l *layout) place(t *trip.Trip, number func(column int) (float64, Reason)) Reason {
	from, reason := l.end(0, number)
	if reason != "" {
		return reason
	}
	to, reason := l.end(1, number)
	t.PickupLat, t.PickupLon, t.DropoffLat, t.DropoffLon = from.lat, from.lon, to.lat, to.lon
	return reason
}

// end is where one end lies: at its coordinates where both can be read and none is
// zero, else at its zone's inside point, else at the coordinates, zero or not.
func (l *layout) end(end int, number func(column int) (float64, Reason)) (p point, reason Reason) {
	lon, lat, zone := endColumns(end)
	reason = BadNumber
	if l.has(lon, lat) {
		if p.lat, reason = number(lat); reason == "" {
			p.lon, reason = number(lon)
		}
		if reason == "" && p.lat != 0 && p.lon != 0 {
			return p, ""
		}
	}
	if !l.has(zone) {
		return p, reason
	}
	n, unread := number(zone)
	if unread != "" {
		return p, reason
	}
	at, unknown := zoneAt(n)
	switch {
	case unknown == "":
		return at, ""
	case reason != "":
		reason = unknown
	}
	return p, reason
}

// IsZonePoint reports whether a place is exactly the inside point of a taxi zone:
// where trips are put of which only the zone is known.
func IsZonePoint(lat, lon float64) bool { return zonesByPoint()[point{lat, lon}] }
