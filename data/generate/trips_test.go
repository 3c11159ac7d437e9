package generate_test

import (
	"math"
	"testing"
	"time"

	"taxistream/data/zones"
	"taxistream/internal/trip"
)

// Ensure that a usual weekday has about 450,000 trips, in event-time order, all
// ending on that New York day, and that none of them is in the water.
func TestDay(t *testing.T) {
	trips := all(t, "2016-01-05", 0)
	if n := len(trips); n < 430_000 || n > 470_000 {
		t.Errorf("%d trips", n)
	}
	last := time.Date(2016, 1, 5, 0, 0, 0, 0, newYork()).UnixMilli()
	end := time.Date(2016, 1, 6, 0, 0, 0, 0, newYork()).UnixMilli()
	for i := range trips {
		x := &trips[i]
		if x.Dropoff < last || x.Dropoff >= end {
			t.Fatalf("trip %d ends at %d, after one of %d, before %d", i, x.Dropoff, last, end)
		}
		last = x.Dropoff
		if x.ID != 0 || !x.HasAmount || x.TotalAmount < 3 || x.TotalAmount > 600 {
			t.Fatalf("trip %d: %+v", i, x)
		}
		if i%50 == 0 && sound(x) && (zoneAt(x.PickupLat, x.PickupLon) == 0 || zoneAt(x.DropoffLat, x.DropoffLon) == 0) {
			t.Fatalf("trip %d is not on land: %+v", i, x)
		}
		if !sixDecimals(x.PickupLat) || !sixDecimals(x.DropoffLon) || !sixDecimals(x.TotalAmount) {
			t.Fatalf("trip %d has more than six decimals: %+v", i, x)
		}
	}
}

func sixDecimals(v float64) bool { return v == math.Round(v*1e6)/1e6 }

// Ensure that one trip in a hundred is defective, most by zero coordinates.
func TestDefects(t *testing.T) {
	trips := all(t, "2016-01-05", 150_000)
	count := map[string]int{}
	for i := range trips {
		if kind := defect(trips, i); kind != "" {
			count[kind]++
			count["any"]++
		}
	}
	for kind, want := range map[string]float64{
		"any": 100, "zero coordinate": 70, "outside the city": 10, "negative": 4, "no time": 8, "too long": 4, "twice": 4,
	} {
		got := 1e4 * float64(count[kind]) / float64(len(trips))
		if math.Abs(got-want) > 0.1*want+3*math.Sqrt(want/float64(len(trips))*1e4) {
			t.Errorf("%s: %.1f of 10,000, want %.0f", kind, got, want)
		}
	}
}

func defect(trips []trip.Trip, i int) string {
	x := &trips[i]
	switch d := x.Dropoff - x.Pickup; {
	case x.PickupLat == 0 || x.DropoffLat == 0:
		return "zero coordinate"
	case d < 0:
		return "negative"
	case d == 0:
		return "no time"
	case d > 6*3600_000:
		return "too long"
	case !sound(x):
		return "outside the city"
	}
	for k := i - 1; k >= 0 && trips[k].Dropoff == x.Dropoff; k-- {
		if trips[k] == *x {
			return "twice"
		}
	}
	return ""
}

// Ensure that half of the trips before 2014 carry whole minutes, few later.
func TestWholeMinutes(t *testing.T) {
	for spec, want := range map[string]float64{"2013-01-15": 0.5, "2016-01-05": 0.05} {
		whole, n := 0, 0
		for _, x := range all(t, spec, 20_000) {
			if !sound(&x) {
				continue
			}
			n++
			if x.Pickup%60_000 == 0 && x.Dropoff%60_000 == 0 {
				whole++
			}
		}
		if got := float64(whole) / float64(n); math.Abs(got/want-1) > 0.2 {
			t.Errorf("%s: %.3f of the trips have whole minutes, want %.3f", spec, got, want)
		}
	}
}

// Ensure that on the days on which clocks change no trip ends in an hour that is
// not there, and trips end in both of the hours that are there twice.
func TestClockChanges(t *testing.T) {
	tests := []struct {
		name, spec string
		hours      int
	}{
		{"forward", "2015-03-08", 23},
		{"back", "2015-11-01", 25},
		{"usual", "2015-11-02", 24},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			day, err := time.ParseInLocation(time.DateOnly, tt.spec, newYork())
			if err != nil {
				t.Fatal(err)
			}
			ended := make([]int, tt.hours)
			for _, x := range all(t, tt.spec, 20_000) {
				elapsed := time.UnixMilli(x.Dropoff).Sub(day)
				ended[int(elapsed/time.Hour)]++ // panics on a trip of another day
			}
			for elapsed, n := range ended {
				if n == 0 {
					t.Errorf("no trip in elapsed hour %d", elapsed)
				}
			}
		})
	}
}

// Ensure that the week has its rhythm: Sunday and Monday are quiet.
func TestWeek(t *testing.T) {
	var days [7]int
	for _, x := range week() {
		days[time.UnixMilli(x.Dropoff).In(newYork()).Weekday()]++
	}
	if days[time.Monday] >= days[time.Thursday] || days[time.Sunday] >= days[time.Saturday] {
		t.Errorf("trips from Sunday on: %v", days)
	}
}

// Ensure that each borough with taxis gets its share: nine pickups in ten are in Manhattan.
func TestManhattan(t *testing.T) {
	pickups, n := map[string]int{}, 0
	for i, x := range week() {
		if i%20 == 0 && sound(&x) {
			_, borough, _ := zones.Zone(x.PickupLat, x.PickupLon)
			pickups[borough]++
			n++
		}
	}
	if share := float64(pickups["Manhattan"]) / float64(n); share < 0.86 || share > 0.95 {
		t.Errorf("%.3f of the pickups are in Manhattan", share)
	}
	for _, borough := range []string{"Brooklyn", "Queens", "Bronx"} {
		if pickups[borough] == 0 {
			t.Errorf("no pickup in %s", borough)
		}
	}
}
