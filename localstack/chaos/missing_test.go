//go:build chaos && linux

package chaos

import (
	"slices"
	"testing"
	"time"

	"taxistream/localstack/localtest"
)

// missing fails where a trip of the source is not on the stream, or one is there that is not the
// source's: what the producer has sent is the source, pass by pass, up to where it was stopped.
func missing(t *testing.T, source []localtest.Trip, s localtest.Stream, original bool) {
	t.Helper()
	const day = 24 * time.Hour
	got, first, last, seen := map[localtest.Trip]int{}, time.Time{}, time.Time{}, map[int64]bool{}
	for _, r := range s.Records {
		if r.Malformed || r.Watermark != nil || r.Trip.ID >= 1<<61 && r.Trip.ID < 1<<61+1<<20 || seen[r.Trip.ID] { // noise, repeats
			continue
		}
		seen[r.Trip.ID] = true
		trip := r.Trip
		trip.ID, trip.Pickup, trip.Dropoff = 0, trip.Pickup.UTC(), trip.Dropoff.UTC()
		got[trip]++
		if first.IsZero() || trip.Dropoff.Before(first) {
			first = trip.Dropoff
		}
		if trip.Dropoff.After(last) {
			last = trip.Dropoff
		}
	}
	rows := map[int64]bool{}
	source = slices.DeleteFunc(source, func(trip localtest.Trip) bool { // those that come twice in the file
		again := rows[trip.ID]
		rows[trip.ID] = true
		return again
	})
	slices.SortStableFunc(source, func(a, b localtest.Trip) int { return a.Dropoff.Compare(b.Dropoff) })
	adapted := first.Sub(source[0].Dropoff) // by -adapt-time
	if original && adapted != 0 {
		t.Errorf("the first trip on the stream is %v from the source's first", adapted)
	}
	lost, total := 0, len(seen)
	for shift := adapted; !source[0].Dropoff.Add(shift).After(last); shift += day {
		for _, trip := range source {
			trip.ID, trip.Pickup, trip.Dropoff = 0, trip.Pickup.Add(shift).UTC(), trip.Dropoff.Add(shift).UTC()
			if got[trip] > 0 {
				got[trip]--
				total--
			} else if trip.Dropoff.Before(last) {
				lost++
			}
		}
	}
	if lost > 0 || total > 0 {
		t.Errorf("%d trips of the source are not on the stream, %d on it are not the source's", lost, total)
	}
}
