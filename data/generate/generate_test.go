package generate_test

import (
	"testing"

	"taxistream/data/generate"
	"taxistream/internal/trip"
)

func all(t testing.TB, spec string, tripsPerDay int) []trip.Trip {
	t.Helper()
	o, err := generate.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	o.TripsPerDay = tripsPerDay
	return rest(t, mustNew(t, o), 4096)
}

func mustNew(t testing.TB, o generate.Options) *generate.Generator {
	t.Helper()
	g, err := generate.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// rest reads to the end with a buffer of so many trips.
func rest(t testing.TB, g *generate.Generator, size int) []trip.Trip {
	t.Helper()
	var trips []trip.Trip
	buf := make([]trip.Trip, size)
	for {
		n, err := g.Next(buf)
		trips = append(trips, buf[:n]...)
		if err != nil {
			return trips
		}
	}
}

func BenchmarkNext(b *testing.B) {
	g := mustNew(b, generate.Options{First: generate.Date{Year: 2016, Month: 1, Day: 5}, Days: 366})
	buf := make([]trip.Trip, 1024)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		k, err := g.Next(buf)
		if err != nil {
			g.Rewind()
		}
		n += k
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/trip")
}
