package trip

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var good = Trip{ID: 1, PickupLat: 40.7, PickupLon: -73.9, DropoffLat: 40.6, DropoffLon: -73.8, Pickup: 0, Dropoff: 60_000}

func TestJudge(t *testing.T) {
	with := func(change func(*Trip)) Trip { t := good; change(&t); return t }
	const closes = 600_000 - 1
	for name, c := range map[string]struct {
		trip      Trip
		watermark int64
		reason    Reason
		detail    string
	}{
		"Good":            {good, NoWatermark, "", ""},
		"LowCorner":       {with(func(t *Trip) { t.PickupLat, t.PickupLon = 40.560, -74.054 }), 0, "", ""},
		"HighCorner":      {with(func(t *Trip) { t.DropoffLat, t.DropoffLon = 40.878, -73.722 }), 0, "", ""},
		"PickupOutside":   {with(func(t *Trip) { t.PickupLat = 40.5599 }), 0, ReasonOutsideCity, "pickup 40.5599,-73.9 lies outside the city's box"},
		"DropoffOutside":  {with(func(t *Trip) { t.DropoffLon = -73.7219 }), 0, ReasonOutsideCity, "dropoff 40.6,-73.7219 lies outside the city's box"},
		"NaN":             {with(func(t *Trip) { t.DropoffLon = math.NaN() }), 0, ReasonOutsideCity, "dropoff 40.6,NaN lies outside the city's box"},
		"Infinite":        {with(func(t *Trip) { t.PickupLat = math.Inf(-1) }), 0, ReasonOutsideCity, "pickup -Inf,-73.9 lies outside the city's box"},
		"Negative":        {with(func(t *Trip) { t.Pickup = 60_001 }), 0, ReasonNegativeDuration, "dropoff 1970-01-01T00:01:00.000Z is before pickup 1970-01-01T00:01:00.001Z"},
		"ZeroSeconds":     {with(func(t *Trip) { t.Pickup = 60_000 }), 0, "", ""},
		"SixHours":        {with(func(t *Trip) { t.Pickup = 60_000 - 6*3_600_000 }), 0, "", ""},
		"TooLong":         {with(func(t *Trip) { t.Pickup = 59_999 - 6*3_600_000 }), 0, ReasonTooLong, "from 1969-12-31T18:00:59.999Z to 1970-01-01T00:01:00.000Z is longer than 6h0m0s"},
		"Overflow":        {with(func(t *Trip) { t.Pickup, t.Dropoff = math.MinInt64, math.MaxInt64 }), NoWatermark, ReasonTooLong, "from -9223372036854775808 ms to 9223372036854775807 ms is longer than 6h0m0s"},
		"OutsideAndLate":  {with(func(t *Trip) { t.PickupLat = 0 }), closes, ReasonOutsideCity, "pickup 0,-73.9 lies outside the city's box"},
		"OutsideNegative": {with(func(t *Trip) { t.PickupLat, t.Pickup = 0, 60_001 }), closes, ReasonOutsideCity, "pickup 0,-73.9 lies outside the city's box"},
		"JustInTime":      {good, closes - 1, "", ""},
		"Late":            {good, closes, ReasonLate, "event time 1970-01-01T00:01:00.000Z: its window closed before the shard's watermark 1970-01-01T00:09:59.999Z"},
		"LatestWatermark": {good, math.MaxInt64, ReasonLate, "event time 1970-01-01T00:01:00.000Z: its window closed before the shard's watermark 9223372036854775807 ms"},
	} {
		t.Run(name, func(t *testing.T) {
			reason, detail := DefaultRules.Judge(&c.trip, c.trip.Dropoff, 1000, c.watermark)
			if reason != c.reason || detail != c.detail {
				t.Fatalf("got %q (%s), want %q (%s)", reason, detail, c.reason, c.detail)
			}
		})
	}
}

func TestJudgeAllowsLateness(t *testing.T) {
	r := DefaultRules
	r.AllowedLateness = time.Minute
	if got, _ := r.Judge(&good, good.Dropoff, NoArrival, 659_998); got != "" {
		t.Fatalf("got %q inside the allowed lateness", got)
	}
	if got, _ := r.Judge(&good, good.Dropoff, NoArrival, 659_999); got != ReasonLate {
		t.Fatalf("got %q beyond the allowed lateness", got)
	}
}

// Ensure the bound of MaxAhead is included, that it is measured from the record's
// arrival, and that it comes behind too_long and before late.
func TestJudgeTooEarly(t *testing.T) {
	hour := DefaultRules
	hour.MaxAhead = time.Hour
	none := DefaultRules
	none.MaxAhead = 0
	const arrived = 5_000_000
	at := func(ms int64) Trip { t := good; t.Pickup, t.Dropoff = ms, ms; return t }
	long := at(arrived + 3_600_001)
	long.Pickup -= 6*3_600_000 + 1
	for name, c := range map[string]struct {
		rules              Rules
		trip               Trip
		arrival, watermark int64
		want               Reason
	}{
		"Bound":     {hour, at(arrived + 3_600_000), arrived, NoWatermark, ""},
		"Beyond":    {hour, at(arrived + 3_600_001), arrived, NoWatermark, ReasonTooEarly},
		"NoArrival": {hour, at(maxWritable), NoArrival, NoWatermark, ""},
		"NoRule":    {none, at(maxWritable), arrived, NoWatermark, ""},
		"TenYears":  {DefaultRules, at(arrived + 10*365*24*3_600_000), arrived, NoWatermark, ""},
		"MoreThan":  {DefaultRules, at(arrived + 10*365*24*3_600_000 + 1), arrived, NoWatermark, ReasonTooEarly},
		"TooLong":   {hour, long, arrived, NoWatermark, ReasonTooLong},
		"Late":      {hour, at(arrived + 3_600_001), arrived, math.MaxInt64, ReasonTooEarly},
		"Extreme":   {hour, at(math.MaxInt64), arrived, NoWatermark, ReasonTooEarly},
	} {
		got, detail := c.rules.Judge(&c.trip, c.trip.Dropoff, c.arrival, c.watermark)
		if got != c.want || (detail == "") != (c.want == "") {
			t.Errorf("%s: got %q (%s), want %q", name, got, detail, c.want)
		}
	}
	late := at(arrived + 3_600_001)
	const want = "event time 1970-01-01T02:23:20.001Z is more than 1h0m0s after the record's arrival 1970-01-01T01:23:20.000Z"
	if _, detail := hour.Judge(&late, late.Dropoff, arrived, NoWatermark); detail != want {
		t.Errorf("detail %q, want %q", detail, want)
	}
}

// Ensure an event lies in its windows, and is late exactly when the shorter way
// to an end has been passed: found by walking from the event, 1 ms at a time.
func TestRulesAgreeWithWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 50)
		hotspot, airport, lateness := size.Draw(t, "hotspot"), size.Draw(t, "airport"), rapid.Int64Range(0, 20).Draw(t, "lateness")
		at := rapid.Int64Range(-1000, 1000).Draw(t, "at")
		r := Rules{
			MaxDuration: time.Hour, AllowedLateness: time.Duration(lateness) * time.Millisecond,
			HotspotWindow: time.Duration(hotspot) * time.Millisecond, AirportWindow: time.Duration(airport) * time.Millisecond,
		}
		end := at + 1
		for end%hotspot != 0 && end%airport != 0 {
			end++
		}
		start := at
		for start%hotspot != 0 {
			start--
		}
		if got := r.FirstEnd(at); got != end {
			t.Fatalf("first end %d, want %d", got, end)
		}
		if got := WindowStart(at, hotspot); got != start {
			t.Fatalf("start %d, want %d", got, start)
		}
		trip := good
		trip.Pickup, trip.Dropoff = at, at
		watermark := rapid.Int64Range(-1100, 1100).Draw(t, "watermark")
		reason, _ := r.Judge(&trip, at, NoArrival, watermark)
		if late := watermark >= end-1+lateness; late != (reason == ReasonLate) {
			t.Fatalf("watermark %d, end %d: got %q", watermark, end, reason)
		}
	})
}

// Ensure no event time makes a window end before it begins.
func TestFirstEndNeverOverflows(t *testing.T) {
	for _, at := range []int64{math.MinInt64, minWritable, maxWritable, math.MaxInt64} {
		if end := DefaultRules.FirstEnd(at); end < minWritable || end > maxWritable+1 {
			t.Errorf("%d: first end %d", at, end)
		}
	}
}

// Ensure a trip is finite exactly if each of its numbers is.
func TestFinite(t *testing.T) {
	values := []float64{0, math.Copysign(0, -1), -73.9, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, math.NaN(), math.Inf(1), math.Inf(-1)}
	for field := range 5 {
		for _, f := range values {
			trip := Trip{PickupLat: math.MaxFloat64, PickupLon: math.MaxFloat64, DropoffLat: -1, DropoffLon: 1, TotalAmount: math.MaxFloat64}
			*[]*float64{&trip.PickupLat, &trip.PickupLon, &trip.DropoffLat, &trip.DropoffLon, &trip.TotalAmount}[field] = f
			if got, want := trip.Finite(), !math.IsNaN(f) && !math.IsInf(f, 0); got != want {
				t.Errorf("field %d of %v: finite %v, want %v", field, f, got, want)
			}
		}
	}
}
