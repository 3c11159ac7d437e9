package generate

// Cents that are added to the meter.
const (
	flagDrop    = 250
	stateTax    = 50
	improvement = 30 // from 2015
	nightExtra  = 50
	peakExtra   = 100
	jfkFlat     = 5200
	bridgeToll  = 576
)

// tips are the percentages that card payers add, equally likely.
var tips = [8]int64{0, 10, 15, 20, 20, 20, 25, 30}

// fare returns what a trip costs in dollars: the meter, or the flat fare between
// Manhattan and JFK, with taxes, tolls and tip. The meter's two rates were fitted
// to the yellow records of 2018-01 to 2020-02. random decides toll and tip.
func (c *conditions) fare(r route, jfk bool, milliMiles, seconds int64, tollChance, random uint32) float64 {
	cents := flagDrop + (milliMiles*1888+seconds*5633)/10_000
	cents -= cents % 50 // the meter counts in half dollars
	if jfk && (r.pickup.manhattan || r.dropoff.manhattan) {
		cents = jfkFlat
	} else {
		cents += c.extra
	}
	cents += stateTax
	if c.year >= 2015 {
		cents += improvement
	}
	if random>>22 < tollChance {
		cents += bridgeToll
	}
	if random>>12&0x3ff < paidByCard {
		cents += cents * tips[random&7] / 100
	}
	return float64(cents) / 100
}

// Chances in 1024ths (same records): of a toll, by where the trip goes, and of
// a fare paid by card.
const (
	tollToJFK  = 639
	tollToLGA  = 778
	tollElse   = 44
	paidByCard = 731
)

func extra(hour int8, weekend bool) int64 {
	switch {
	case hour >= 20 || hour < 6:
		return nightExtra
	case hour >= 16 && !weekend:
		return peakExtra
	}
	return 0
}
