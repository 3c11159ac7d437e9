package generate

import (
	"math/rand/v2"

	"taxistream/data/zones"
	"taxistream/internal/trip"
)

// conditions are what all trips of one minute share.
type conditions struct {
	start   int64 // of the minute, ms
	hour    int8  // New York time
	part    int   // day part of the pairs
	weekend bool
	year    int
	traffic int64
	extra   int64 // cents
	// Below jfk of 2^32 a trip goes to JFK, below lga to LaGuardia.
	jfk, lga uint32
	// coarse trips in 1024 have whole minutes only: one vendor's meters.
	coarse uint32
}

func (d *day) conditions(minute int) conditions {
	hour := d.hours[minute/60]
	c := conditions{
		start: d.start + int64(minute)*60_000, hour: hour, part: part(hour, d.weekend), weekend: d.weekend,
		year: d.date.Year, traffic: d.traffic, extra: extra(hour, d.weekend),
	}
	jfk, lga := toJFK[hour]*jfkCorrection/100, toLGA[hour]*lgaCorrection/100
	c.jfk = uint32(jfk << 32 / 10_000)
	c.lga = uint32((jfk + lga) << 32 / 10_000)
	// Half of the trips of 2013-01-01 have whole minutes, next to none of 2015 and later.
	if c.coarse = 51; d.date.Year < 2014 {
		c.coarse = 512
	}
	return c
}

// The shares of trips to the airports' zones that make the shares to their boxes
// right, in percent.
const (
	jfkCorrection = 106
	lgaCorrection = 100
)

// part is the day part that pairs.txt counts an hour to.
func part(hour int8, weekend bool) int {
	switch {
	case hour < 6:
		return 0
	case hour >= 20:
		return 4
	case weekend:
		return 5
	case hour < 10:
		return 1
	case hour < 16:
		return 2
	}
	return 3
}

// draw makes up a trip that ends in the minute of c, and returns its defect. The
// random words are drawn in a fixed order and number.
func (city *city) draw(t *trip.Trip, c *conditions, random *rand.PCG) defect {
	chance, amounts := random.Uint64(), random.Uint64()
	choice, second := random.Uint64(), random.Uint64()
	from, fromAt := random.Uint64(), random.Uint64()
	to, toAt := random.Uint64(), random.Uint64()

	defect := defectOf(uint32(chance))
	r, jfk, toll := city.choose(c, uint32(chance>>32), choice, second)
	a := r.pickup.point(r.pickup.pickup, from, fromAt)
	b := zones.Point{}
	if defect == outsideCity {
		b = city.outside(to, toAt)
	} else {
		b = r.dropoff.point(r.dropoff.dropoff, to, toAt)
	}
	distance := milliMiles(a, b)
	seconds := city.durations.draw(c.weekend, c.hour, distance, uint32(amounts), c.traffic)
	ends := upTo(uint32(second), 60)
	if uint32(second>>32)>>22 < c.coarse {
		ends, seconds = 0, max((seconds+30)/60, 1)*60
	}
	*t = trip.Trip{
		PickupLat: degrees(a.Lat), PickupLon: degrees(a.Lon),
		DropoffLat: degrees(b.Lat), DropoffLon: degrees(b.Lon),
		TotalAmount: c.fare(r, jfk, distance, seconds, toll, uint32(amounts>>32)), HasAmount: true,
		Dropoff: c.start + ends*1000,
	}
	t.Pickup = t.Dropoff - seconds*1000
	if defect != sound {
		defect.spoil(t, uint32(choice))
	}
	return defect
}

// choose draws the route: to an airport by the hour's chance, else by the day part.
func (city *city) choose(c *conditions, chance uint32, choice, forRare uint64) (r route, jfk bool, toll uint32) {
	switch {
	case chance < c.jfk:
		return city.toJFK[city.toJFKBy.pick(choice)], true, tollToJFK
	case chance < c.lga:
		return city.toLGA[city.toLGABy.pick(choice)], false, tollToLGA
	}
	r = city.route(c.part, choice, scramble(forRare))
	return r, r.pickup == city.jfk, tollElse
}

// degrees is the float64 nearest to a whole number of microdegrees: what parsing
// its six decimals gives.
func degrees(micro int32) float64 { return float64(micro) / 1e6 }
