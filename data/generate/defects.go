package generate

import (
	"taxistream/data/zones"
	"taxistream/internal/trip"
)

// defect is what is wrong with a trip, as in the commission's files.
type defect uint8

const (
	sound defect = iota
	zeroBoth
	zeroPickup
	zeroDropoff
	outsideCity
	negativeDuration
	zeroDuration
	tooLong
	duplicate
)

// defects, of 10,000 trips, are the sum of defectShares.
const defects = 100

// defectShares, of 10,000 trips. No fix of the satellites is by far
// the most common one in the records of 2009 to 2016.
var defectShares = [...]struct {
	defect
	trips uint32
}{
	{zeroBoth, 56},
	{zeroPickup, 7},
	{zeroDropoff, 7},
	{outsideCity, 10},
	{zeroDuration, 8},
	{negativeDuration, 4},
	{tooLong, 4},
	{duplicate, 4},
}

// defectOf draws a defect, sound for 99 trips in 100.
func defectOf(random uint32) defect {
	n := uint32(upTo(random, 10_000))
	if n >= defects {
		return sound
	}
	for _, d := range defectShares {
		if n < d.trips {
			return d.defect
		}
		n -= d.trips
	}
	return sound
}

// suburbs are where trips out of the city end, but for Newark's airport. Each
// stays outside the city's box when moved by up to farthestOff.
var suburbs = [8]zones.Point{
	{Lon: -73870000, Lat: 40940000}, // Yonkers
	{Lon: -74170000, Lat: 40735000}, // Newark
	{Lon: -73690000, Lat: 40790000}, // Great Neck
	{Lon: -73765000, Lat: 41030000}, // White Plains
	{Lon: -74100000, Lat: 40930000}, // Paramus
	{Lon: -73540000, Lat: 41060000}, // Stamford
	{Lon: -73630000, Lat: 40730000}, // Garden City
	{Lon: -74120000, Lat: 40665000}, // Bayonne
}

const farthestOff = 15_000 // microdegrees

// outside draws a place outside the city's box: every second one is Newark's airport.
func (c *city) outside(which, where uint64) zones.Point {
	if which&1 == 0 {
		return c.newark.point(c.newark.dropoff, which, where)
	}
	p := suburbs[which>>1&7]
	p.Lon += int32(upTo(uint32(where), 2*farthestOff) - farthestOff)
	p.Lat += int32(upTo(uint32(where>>32), 2*farthestOff) - farthestOff)
	return p
}

// spoil gives a finished trip its defect, other than outsideCity and duplicate.
func (d defect) spoil(t *trip.Trip, random uint32) {
	const maxDuration = 6 * 3600
	switch d {
	case zeroBoth:
		t.PickupLat, t.PickupLon, t.DropoffLat, t.DropoffLon = 0, 0, 0, 0
	case zeroPickup:
		t.PickupLat, t.PickupLon = 0, 0
	case zeroDropoff:
		t.DropoffLat, t.DropoffLon = 0, 0
	case negativeDuration:
		t.Pickup = t.Dropoff + 1000*(1+upTo(random, 600))
	case zeroDuration:
		t.Pickup = t.Dropoff
	case tooLong: // a meter left running, up to a day
		t.Pickup = t.Dropoff - 1000*(maxDuration+1+upTo(random, 3*maxDuration))
	}
}
