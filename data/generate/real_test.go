package generate_test

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"taxistream/data/generate"
	"taxistream/data/zones"
	"taxistream/internal/trip"
)

var newYork = sync.OnceValue(func() *time.Location {
	location, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return location
})

// week is seven days beginning with a Monday, a tenth of the usual trips.
var week = sync.OnceValue(func() []trip.Trip {
	g, err := generate.New(generate.Options{First: generate.Date{Year: 2016, Month: 1, Day: 4}, Days: 7, TripsPerDay: 45_000})
	if err != nil {
		panic(err)
	}
	trips := make([]trip.Trip, 400_000)
	n, err := g.Next(trips)
	if err != nil {
		panic(err)
	}
	return trips[:n]
})

// Ensure that a generated week has the hours of real days: within 15 % of the
// pooled records of 2018 to 2020, and of the one day of 2015 that there are
// coordinates of, as far as its 9,999 trips can tell (two standard errors). Monday
// to Thursday are one profile and stand for all weekdays of the records.
func TestHoursLookReal(t *testing.T) {
	var counts [4][24]int
	var totals [4]int
	for _, x := range week() {
		at := time.UnixMilli(x.Dropoff).In(newYork())
		kind := dayKind(at.Weekday())
		counts[kind][at.Hour()]++
		totals[kind]++
	}
	for kind := range counts {
		for h, n := range counts[kind] {
			got, want := float64(n)/float64(totals[kind]), float64(hours2018[kind][h])/1e4
			if math.Abs(got/want-1) > 0.15 {
				t.Errorf("day kind %d, hour %d: share %.4f, real %.4f", kind, h, got, want)
			}
			if kind != 0 {
				continue
			}
			want = float64(hours2015[h]) / 9999
			if slack := 0.15 + 2/math.Sqrt(float64(hours2015[h])); math.Abs(got/want-1) > slack {
				t.Errorf("hour %d: share %.4f, on 2015-01-15 %.4f", h, got, want)
			}
		}
	}
}

// Ensure that as many trips go to each airport as on a real day, within 30 %,
// and that they take as long as such trips do.
func TestAirportsLookReal(t *testing.T) {
	tests := []struct {
		airport       string
		night, rush   [2]int // hours of the dropoff, first and last
		fastest, slow float64
	}{
		{"JFK", [2]int{4, 5}, [2]int{16, 17}, 25, 75},
		{"LGA", [2]int{4, 5}, [2]int{16, 17}, 15, 50},
	}
	trips := week()
	for i, tt := range tests {
		t.Run(tt.airport, func(t *testing.T) {
			var minutes [24][]float64
			n := 0
			for k := range trips {
				x := &trips[k]
				if !inBox(x.DropoffLat, x.DropoffLon, boxes[i]) {
					continue
				}
				n++
				if _, borough, _ := zones.Zone(x.PickupLat, x.PickupLon); borough == "Manhattan" && sound(x) {
					h := time.UnixMilli(x.Dropoff).In(newYork()).Hour()
					minutes[h] = append(minutes[h], float64(x.Dropoff-x.Pickup)/60_000)
				}
			}
			got, want := float64(n)/float64(len(trips)), float64(boxes2015[i])/9999
			if math.Abs(got/want-1) > 0.3 {
				t.Errorf("share %.4f, on 2015-01-15 %.4f", got, want)
			}
			night, rush := median(minutes, tt.night), median(minutes, tt.rush)
			if night > 0.7*rush {
				t.Errorf("median from Manhattan %.0f min at night, %.0f in the rush hours: no difference to speak of", night, rush)
			}
			if rush > tt.slow || night < tt.fastest-5 {
				t.Errorf("medians from Manhattan %.0f to %.0f min, want them from %.0f to %.0f", night, rush, tt.fastest, tt.slow)
			}
		})
	}
}

func median(minutes [24][]float64, hours [2]int) float64 {
	pooled := slices.Concat(minutes[hours[0] : hours[1]+1]...)
	slices.Sort(pooled)
	return pooled[len(pooled)/2]
}

// Ensure that trips last and cost what they did on 2015-01-15: a tenth of them
// lasted less than 4.1 minutes, half 10.5, nine tenths 25.5; 6.80, 11.60 and
// 27.80 dollars.
func TestTripsLookReal(t *testing.T) {
	var minutes, dollars []float64
	for _, x := range all(t, "2015-01-15", 30_000) {
		if sound(&x) {
			minutes = append(minutes, float64(x.Dropoff-x.Pickup)/60_000)
			dollars = append(dollars, x.TotalAmount)
		}
	}
	slices.Sort(minutes)
	slices.Sort(dollars)
	for i, quantile := range []int{10, 50, 90} {
		k := len(minutes) * quantile / 100
		if want := []float64{4.13, 10.5, 25.47}[i]; math.Abs(minutes[k]/want-1) > 0.15 {
			t.Errorf("%d %% last up to %.1f min, real %.1f", quantile, minutes[k], want)
		}
		if want := []float64{6.8, 11.6, 27.8}[i]; math.Abs(dollars[k]/want-1) > 0.15 {
			t.Errorf("%d %% cost up to %.2f dollars, real %.2f", quantile, dollars[k], want)
		}
	}
}

// sound reports whether a trip shows none of the defects that can be seen in it.
func sound(x *trip.Trip) bool {
	city := [4]float64{40.560, 40.878, -74.054, -73.722}
	d := x.Dropoff - x.Pickup
	return d > 0 && d <= 6*3600_000 && inBox(x.PickupLat, x.PickupLon, city) && inBox(x.DropoffLat, x.DropoffLon, city)
}
