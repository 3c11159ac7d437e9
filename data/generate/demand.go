package generate

import (
	"math/rand/v2"
	"time"

	"taxistream/internal/trip"
)

// hourly is how the trips of a day spread over its 24 hours (of the dropoff, New
// York time), in parts of 10,000. Saturday, Sunday and Friday are the yellow
// records of 2018-01 to 2020-02 (samples of 10,000 a month). The usual weekday is
// the geometric mean of their weekdays and of Thursday 2015-01-15, 1 o'clock and
// 16 o'clock a little less, so that it is within 15 % of both: by 2018 taxis had
// lost the nights to others.
var hourly = [...][24]int64{
	usual:    {275, 161, 96, 66, 48, 90, 233, 411, 529, 525, 481, 469, 507, 472, 511, 531, 446, 501, 635, 679, 633, 621, 582, 490},
	friday:   {347, 207, 137, 84, 71, 88, 206, 375, 465, 483, 466, 463, 505, 509, 528, 543, 493, 533, 668, 672, 559, 531, 552, 515},
	saturday: {524, 415, 318, 241, 156, 70, 108, 161, 227, 350, 429, 464, 526, 551, 521, 549, 528, 555, 611, 615, 508, 493, 537, 542},
	sunday:   {587, 524, 377, 271, 206, 86, 101, 153, 222, 330, 436, 537, 560, 577, 575, 567, 565, 562, 609, 543, 460, 443, 407, 302},
}

const (
	usual = iota
	friday
	saturday
	sunday
)

// byWeekday and byMonth scale the number of trips, in percent of a usual weekday:
// means of 2013 to 2016, from the counts by T. W. Schneider of the commission's
// full records; February, March and April damped to keep the season mild.
var (
	byWeekday = [7]int64{94, 90, 98, 102, 104, 106, 107} // from Sunday
	byMonth   = [13]int64{0, 100, 105, 106, 106, 105, 102, 94, 90, 97, 100, 97, 95}
)

// toJFK and toLGA are the trips to each airport in 10,000, by the hour of the
// dropoff (yellow records of 2018-01 to 2020-02, LaGuardia raised by an eighth
// towards 2015).
var (
	toJFK = [24]int64{21, 15, 12, 28, 136, 461, 241, 131, 92, 86, 75, 75, 84, 108, 124, 143, 139, 130, 103, 83, 58, 42, 28, 22}
	toLGA = [24]int64{7, 5, 11, 51, 384, 672, 391, 271, 194, 164, 155, 155, 171, 176, 187, 186, 180, 129, 93, 43, 17, 8, 5, 6}
)

// noise is by how much the demand of a minute strays from its hour's.
var noise = lognormal(0.04)

// day is one New York day: when it begins and how many trips end in each minute.
type day struct {
	date    Date
	start   int64 // ms
	weekend bool
	minutes []int32 // trips that end in each
	hours   []int8  // New York hour of each elapsed hour
	traffic int64   // factor of the day on all travel times, in 1/65536
	random  *rand.PCG
}

func newDay(date Date, o *Options) *day {
	d := &day{date: date, start: midnight(date), random: source(o.Seed, date)}
	kind, percent := usual, byWeekday[date.weekday()]*byMonth[date.Month]
	switch date.weekday() {
	case time.Friday:
		kind = friday
	case time.Saturday:
		kind, d.weekend = saturday, true
	case time.Sunday:
		kind, d.weekend = sunday, true
	}
	d.hours = clockHours(int((midnight(date.plus(1)) - d.start) / time.Hour.Milliseconds()))
	d.traffic = one + upTo(uint32(d.random.Uint64()>>32), one/10) - one/20
	d.spread(int64(o.TripsPerDay)*percent/10_000, &hourly[kind])
	return d
}

// spread shares the trips out over the minutes, exactly.
func (d *day) spread(trips int64, profile *[24]int64) {
	weights := make([]int64, 60*len(d.hours))
	sum := int64(0)
	for i := range weights {
		w := within(profile, int(d.hours[i/60]), i%60) * int64(noise[d.random.Uint64()>>52]) / one
		weights[i] = w
		sum += w
	}
	d.minutes = make([]int32, len(weights))
	passed, done := int64(0), int64(0)
	for i, w := range weights {
		passed += w
		until := trips * passed / sum
		d.minutes[i] = int32(until - done)
		done = until
	}
}

// within is the density at a minute of an hour: on the way from the last hour's
// middle to this one's, or to the next one's, and adding up to the hour's own share.
func within(profile *[24]int64, hour, minute int) int64 {
	here := profile[hour]
	before, after := profile[max(hour-1, 0)], profile[min(hour+1, 23)]
	at := func(m int) int64 { // 120 times the density, straight lines between the middles
		k := int64(2*m + 1)
		if k < 60 {
			return before*(60-k) + here*(60+k)
		}
		return here*(180-k) + after*(k-60)
	}
	sum := int64(0)
	for m := range 60 {
		sum += at(m)
	}
	const scale = 1 << 20 // weights near 2^20 and a sum near 2^30: times MaxTripsPerDay still inside 63 bits
	return at(minute) * here * scale / sum / 8
}

// clockHours gives the New York hour of each elapsed hour of a day: on the day
// when clocks go forward there is no 2 o'clock, when they go back there are two
// 1 o'clocks.
func clockHours(length int) []int8 {
	hours := make([]int8, length)
	for elapsed := range hours {
		hours[elapsed] = int8(elapsed)
		if elapsed >= 2 {
			hours[elapsed] = int8(elapsed + 24 - length)
		}
	}
	return hours
}

// Span is when the first of the days begins and the last one ends, in ms.
func Span(o *Options) (first, last int64) {
	return midnight(o.First), midnight(o.First.plus(o.Days))
}

// midnight returns when a New York day begins, in ms.
func midnight(d Date) int64 { return trip.NewYork(d.Year, d.Month, d.Day, 0, 0, 0, 0) }
