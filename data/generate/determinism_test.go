package generate_test

import (
	"hash/fnv"
	"testing"

	"pgregory.net/rapid"

	"taxistream/data/generate"
	"taxistream/internal/trip"
)

// Ensure that every machine and every version of Go makes the same trips. If this
// fails, the generator has changed and so do all documents made from it: change
// the sums only if that is meant, and say so in the changelog.
func TestGolden(t *testing.T) {
	tests := []struct {
		spec        string
		tripsPerDay int
		trips       int // hashed
		want        uint64
	}{
		{"2016-01-05", 0, 10_000, 0x750dc17ae8b45d1b},
		{"2013-07-06", 0, 10_000, 0x7dafcd819ef9a880},
		{"2015-03-08", 0, 10_000, 0x9a966d8db4723604},
		{"2020-11-01", 0, 10_000, 0xd38529eb8cd11efc},
		{"2016-01-08/4", 5000, 19_000, 0x125bc4453a1e826f}, // whole days: all hours, three kinds of day
	}
	for _, tt := range tests {
		t.Run(tt.spec, func(t *testing.T) {
			o, err := generate.Parse(tt.spec)
			if err != nil {
				t.Fatal(err)
			}
			o.TripsPerDay = tt.tripsPerDay
			trips := make([]trip.Trip, tt.trips)
			if n, err := mustNew(t, o).Next(trips); n != len(trips) || err != nil {
				t.Fatalf("%d trips, %v", n, err)
			}
			sum := fnv.New64a()
			var line []byte
			for i := range trips {
				line = trip.AppendTrip(line[:0], &trips[i])
				sum.Write(line)
			}
			if got := sum.Sum64(); got != tt.want {
				t.Errorf("sum of the first %d trips %#x, want %#x", tt.trips, got, tt.want)
			}
		})
	}
}

// Ensure that two days together are the two days apart.
func TestDaysAreIndependent(t *testing.T) {
	for _, days := range [][3]string{
		{"2016-01-05/2", "2016-01-05", "2016-01-06"},
		{"2015-03-07/2", "2015-03-07", "2015-03-08"}, // clocks go forward on the second
		{"2012-02-28/2", "2012-02-28", "2012-02-29"},
		{"2015-12-31/2", "2015-12-31", "2016-01-01"},
	} {
		together := all(t, days[0], 2000)
		apart := append(all(t, days[1], 2000), all(t, days[2], 2000)...)
		same(t, together, apart)
	}
}

// Ensure that neither the buffer's size nor a rewind changes the trips.
func TestNextAndRewind(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := generate.Options{
			First:       generate.Date{Year: rapid.IntRange(2009, 2029).Draw(rt, "year"), Month: rapid.IntRange(1, 12).Draw(rt, "month"), Day: rapid.IntRange(1, 28).Draw(rt, "day")},
			Days:        rapid.IntRange(1, 3).Draw(rt, "days"),
			Seed:        rapid.Uint64().Draw(rt, "seed"),
			TripsPerDay: rapid.IntRange(1, 1000).Draw(rt, "trips"),
		}
		g := mustNew(t, o)
		first := rest(t, g, rapid.IntRange(1, 10_000).Draw(rt, "buffer"))
		g.Rewind()
		if _, err := g.Next(make([]trip.Trip, rapid.IntRange(1, 100).Draw(rt, "read before the rewind"))); err != nil && len(first) > 0 {
			rt.Fatal(err)
		}
		g.Rewind()
		same(t, rest(t, g, rapid.IntRange(1, 10_000).Draw(rt, "second buffer")), first)
	})
}

// Ensure that another seed makes other trips.
func TestSeed(t *testing.T) {
	o := generate.Options{First: generate.Date{Year: 2016, Month: 1, Day: 5}, Days: 1, TripsPerDay: 1000}
	standard := rest(t, mustNew(t, o), 100)
	o.Seed = generate.DefaultSeed
	same(t, rest(t, mustNew(t, o), 100), standard)
	o.Seed = 2
	other := rest(t, mustNew(t, o), 100)
	if len(other) == len(standard) && other[0] == standard[0] && other[500] == standard[500] {
		t.Error("seed 2 makes the trips of seed 1")
	}
}

func same(t *testing.T, got, want []trip.Trip) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d trips, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("trip %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}
