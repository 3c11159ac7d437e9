package generate_test

import (
	"math"
	"path/filepath"
	"testing"

	"taxistream/internal/trip"
)

// Ensure that trips begin and end where they did on 2015-01-15: by zone and by
// square of 0.002 degrees, the two days' counts point in the same direction. (The
// sample's 9,999 trips, split in two, agree with each other to 0.99 and 0.88.)
func TestPlacesLookReal(t *testing.T) {
	needSamples(t)
	var real []trip.Trip
	for _, s := range read(t, filepath.Join(sharedData(t), "yellow-2015-01-15-sample.csv.gz"), yellow2015) {
		real = append(real, trip.Trip{PickupLat: s.pickupLat, PickupLon: s.pickupLon, DropoffLat: s.dropLat, DropoffLon: s.dropLon})
	}
	made := all(t, "2015-01-15", 20_000)
	pickup := func(x *trip.Trip) (lat, lon float64) { return x.PickupLat, x.PickupLon }
	dropoff := func(x *trip.Trip) (lat, lon float64) { return x.DropoffLat, x.DropoffLon }
	byZone := func(lat, lon float64) [2]int { return [2]int{zoneAt(lat, lon)} }
	bySquare := func(lat, lon float64) [2]int {
		if lat == 0 {
			return [2]int{}
		}
		return [2]int{int(math.Floor(lat * 500)), int(math.Floor(lon * 500))}
	}
	for _, tt := range []struct {
		name  string
		end   func(x *trip.Trip) (lat, lon float64)
		where func(lat, lon float64) [2]int
		least float64
	}{
		{"pickups by zone", pickup, byZone, 0.97},
		{"dropoffs by zone", dropoff, byZone, 0.97},
		{"pickups by square", pickup, bySquare, 0.88},
		{"dropoffs by square", dropoff, bySquare, 0.87},
	} {
		count := func(trips []trip.Trip) map[[2]int]float64 {
			counts := map[[2]int]float64{}
			for i := range trips {
				if at := tt.where(tt.end(&trips[i])); at != [2]int{} {
					counts[at]++
				}
			}
			return counts
		}
		got := cosine(count(made), count(real))
		t.Logf("%s: %.3f; halves of the sample: %.3f", tt.name, got, cosine(count(real[:len(real)/2]), count(real[len(real)/2:])))
		if got < tt.least {
			t.Errorf("%s: cosine %.3f, want %.2f", tt.name, got, tt.least)
		}
	}
}

// cosine is of the angle between two vectors of counts.
func cosine(a, b map[[2]int]float64) float64 {
	var ab, aa, bb float64
	for k, n := range a {
		ab += n * b[k]
		aa += n * n
	}
	for _, n := range b {
		bb += n * n
	}
	return ab / math.Sqrt(aa*bb)
}
