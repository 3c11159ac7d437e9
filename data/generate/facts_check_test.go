package generate_test

import (
	"math"
	"path/filepath"
	"testing"
	"time"
)

// The airports' boxes (contract, "Results"): lat from, to, lon from, to.
var boxes = [2][4]float64{
	{40.632, 40.654, -73.800, -73.761}, // JFK
	{40.766, 40.778, -73.881, -73.859}, // LaGuardia
}

func inBox(lat, lon float64, b [4]float64) bool {
	return lat >= b[0] && lat <= b[1] && lon >= b[2] && lon <= b[3]
}

// Ensure that the committed facts are what the real trips say.
func TestFactsMatchSamples(t *testing.T) {
	needSamples(t)
	if raceEnabled {
		t.Skip("make check-generated compares the facts, without the race detector's cost")
	}
	var hours [24]int
	var airports [2]int
	for _, s := range read(t, filepath.Join(sharedData(t), "yellow-2015-01-15-sample.csv.gz"), yellow2015) {
		hours[s.dropoff.Hour()]++
		for i, b := range boxes {
			if inBox(s.dropLat, s.dropLon, b) {
				airports[i]++
			}
		}
	}
	if hours != hours2015 || airports != boxes2015 {
		t.Errorf("2015-01-15: hours %v, airports %v; want %v, %v", hours, airports, hours2015, boxes2015)
	}

	var counts [4][24]int
	var totals [4]int
	for _, s := range pooled2018(t) {
		kinds := []int{dayKind(s.dropoff.Weekday())}
		if kinds[0] == 1 {
			kinds = []int{0, 1}
		}
		for _, kind := range kinds {
			counts[kind][s.dropoff.Hour()]++
			totals[kind]++
		}
	}
	for kind := range counts {
		for h, n := range counts[kind] {
			if got := 1e4 * float64(n) / float64(totals[kind]); math.Abs(got-float64(hours2018[kind][h])) > 1 {
				t.Errorf("2018-2020, day kind %d, hour %d: %.1f in 10,000, want %d", kind, h, got, hours2018[kind][h])
			}
		}
	}
}

// dayKind is the row of hours2018.
func dayKind(d time.Weekday) int {
	switch d {
	case time.Friday:
		return 1
	case time.Saturday:
		return 2
	case time.Sunday:
		return 3
	}
	return 0
}
