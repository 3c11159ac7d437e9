package sort

import (
	"io"
	"math/rand/v2"
	"testing"

	"taxistream/internal/trip"
)

// BenchSorter sorts 400,000 trips of one day and reads them back.
func BenchSorter(b *testing.B, memory int64) {
	const n = 400_000
	random := rand.New(rand.NewPCG(1, 1))
	day := make([]trip.Trip, n)
	for i := range day {
		day[i] = trip.Trip{Dropoff: 1_000 * random.Int64N(86_400), PickupLat: random.Float64(), PickupLon: random.Float64()}
	}
	for b.Loop() {
		s := newSorter(b.TempDir(), memory)
		for i := range day {
			if err := s.add(&day[i]); err != nil {
				b.Fatal(err)
			}
		}
		runs := s.finish()
		m, err := newMerge(runs)
		var t trip.Trip
		for err == nil {
			err = m.next(&t)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
		if err := closeAll(runs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/trip")
}
