package generate

import (
	"math"

	"taxistream/data/zones"
)

// pace is the median travel time of a trip by the hour of its dropoff: seconds
// for a mile, times distance in miles to the power of exponent/1000. Fitted to the
// yellow records of 2018-01 to 2020-02.
var pace = [2]struct{ seconds, exponent [24]int64 }{
	{ // weekday
		[24]int64{331, 310, 305, 281, 278, 267, 300, 369, 461, 519, 530, 536, 539, 522, 514, 515, 490, 481, 479, 452, 413, 395, 388, 370},
		[24]int64{689, 694, 689, 721, 696, 697, 695, 713, 718, 692, 674, 655, 657, 666, 671, 709, 750, 767, 748, 712, 698, 686, 686, 692},
	},
	{ // weekend
		[24]int64{389, 365, 343, 324, 301, 277, 262, 281, 301, 320, 347, 378, 404, 428, 433, 437, 437, 449, 448, 444, 423, 401, 398, 388},
		[24]int64{700, 692, 698, 710, 709, 706, 692, 680, 682, 703, 704, 710, 710, 703, 705, 722, 721, 707, 707, 706, 694, 682, 678, 675},
	},
}

// bends is how the logarithm of the travel time departs from that power law, by
// distance (same records): very short and very long trips are faster.
var bends = []struct{ miles, change, deviation float64 }{
	{0.35, -0.186, 0.45},
	{0.75, -0.075, 0.40},
	{1.5, 0.048, 0.34},
	{3, 0.096, 0.30},
	{6, -0.012, 0.30},
	{11, -0.148, 0.28},
	{17, -0.203, 0.25},
	{30, -0.224, 0.25},
}

const (
	maxMiles      = 40 // longer trips take as long as one of 40 miles
	stepsPerMile  = 8
	secondsScale  = 16 // the table counts in 1/16 s
	milliMileStep = 1000 / stepsPerMile
)

// durations answers how long a trip takes, in integers.
type durations struct {
	median [2][24][maxMiles*stepsPerMile + 2]int32 // by weekend, hour, distance
	spread [maxMiles*stepsPerMile + 2][]uint32     // lognormal factors by distance
}

func newDurations() *durations {
	d := &durations{}
	factors := make([][]uint32, len(bends))
	for i, b := range bends {
		factors[i] = lognormal(b.deviation)
	}
	for step := range d.spread {
		miles := float64(max(step, 1)) / stepsPerMile
		change, nearest := bend(miles)
		d.spread[step] = factors[nearest]
		for weekend := range pace {
			for hour := range 24 {
				exponent := float64(pace[weekend].exponent[hour]) / 1000
				power := math.Exp(float64(exponent*math.Log(miles)) + change)
				d.median[weekend][hour][step] = int32(math.Round(float64(pace[weekend].seconds[hour]) * secondsScale * power))
			}
		}
	}
	return d
}

// bend interpolates bends by the logarithm of the distance.
func bend(miles float64) (change float64, nearest int) {
	last := len(bends) - 1
	if miles <= bends[0].miles {
		return bends[0].change, 0
	}
	for i := range last {
		a, b := bends[i], bends[i+1]
		if miles > b.miles {
			continue
		}
		f := math.Log(miles/a.miles) / math.Log(b.miles/a.miles)
		return a.change + float64(f*(b.change-a.change)), i + int(math.Round(f))
	}
	return bends[last].change, last
}

// draw returns a travel time in seconds: the median, a random factor from 12 of
// the random bits, and the day's traffic.
func (d *durations) draw(weekend bool, hour int8, milliMiles int64, random uint32, traffic int64) int64 {
	day := 0
	if weekend {
		day = 1
	}
	milliMiles = min(milliMiles, maxMiles*1000)
	step, rest := milliMiles/milliMileStep, milliMiles%milliMileStep
	row := &d.median[day][hour]
	median := (int64(row[step])*(milliMileStep-rest) + int64(row[step+1])*rest) / milliMileStep
	seconds := median * int64(d.spread[step][random>>20]) / one * traffic / one / secondsScale
	return max(seconds, minSeconds)
}

// minSeconds: shorter trips are rare enough to be left to the defects.
const minSeconds = 20

// milliMiles is the distance driven from a to b. Manhattan's streets are turned by
// 29 degrees, and a trip follows them, so it is the sum of both legs; longer trips
// go round more (medians of the trips of 2015-01-15: 1.02 up to 4 miles, 1.2 beyond 10).
func milliMiles(a, b zones.Point) int64 {
	const lonUnit, latUnit = 5240, 6900 // 1e-8 miles a microdegree at 40.75 north
	const sine, cosine = 485, 875       // of 29 degrees, in thousandths
	x, y := int64(b.Lon-a.Lon)*lonUnit, int64(b.Lat-a.Lat)*latUnit
	across, along := (x*cosine-y*sine)/1000, (x*sine+y*cosine)/1000
	if across < 0 {
		across = -across
	}
	if along < 0 {
		along = -along
	}
	direct := (across + along) / 100_000
	const short, long = 4000, 10_000
	return direct * (1020 + 180*(min(max(direct, short), long)-short)/(long-short)) / 1000
}
