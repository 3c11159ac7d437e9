package sort_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"taxistream/data/generate"
	"taxistream/data/sort"
	"taxistream/data/trips"
	"taxistream/internal/trip"
)

// save writes a stream as a prepared file.
func save(t *testing.T, s *sort.Stream) string {
	t.Helper()
	defer s.Close()
	all := drain(t, s)
	b := trips.AppendHead(nil, trips.Head{Prepared: trips.PreparedVersion, Order: "event_time", Trips: int64(len(all))})
	for i := range all {
		b = trip.AppendTrip(b, &all[i])
	}
	file := filepath.Join(t.TempDir(), "prepared")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func open(t *testing.T, sources ...string) *sort.Stream {
	t.Helper()
	s, err := sort.Open(context.Background(), sources, sort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Ensure a generated day as dense as a real one can be prepared: trips of one
// instant are in the total order too.
func TestPrepared_GeneratedDay(t *testing.T) {
	days := generate.Options{First: generate.Date{Year: 2016, Month: 1, Day: 5}, Days: 1, TripsPerDay: 20_000}
	want := drain(t, sort.Generate(days))
	got, _ := all(t, sort.Options{}, save(t, sort.Generate(days)))
	if !slices.Equal(got, want) || len(got) < 10_000 {
		t.Fatalf("%d trips read back, %d generated", len(got), len(want))
	}
}

// Ensure equal rows of files prepared apart are numbered together, as those of the
// files themselves, and ids of their own are kept.
func TestPrepared_Apart(t *testing.T) {
	lines := rows(300)
	a, b := write(t, "a.csv", lines[:170]), write(t, "b.csv", lines[170:])
	own := filepath.Join(t.TempDir(), "own")
	first := drain(t, open(t, a))[0]
	first.ID = 7 // equals a row of a, but for its id
	if err := os.WriteFile(own, trip.AppendTrip(nil, &first), 0o600); err != nil {
		t.Fatal(err)
	}
	want, _ := all(t, sort.Options{}, a, b, own)
	got, _ := all(t, sort.Options{}, save(t, open(t, a, own)), save(t, open(t, b)))
	if !slices.Equal(got, want) {
		t.Fatal("preparing files apart changes trips or ids")
	}
	if !slices.ContainsFunc(got, func(t trip.Trip) bool { return t.ID == 7 }) {
		t.Error("the trip's own id is gone")
	}
}

// Ensure a prepared file out of order is refused by name and row.
func TestPrepared_OutOfOrder(t *testing.T) {
	b := trips.AppendHead(nil, trips.Head{Prepared: trips.PreparedVersion, Order: "event_time", Trips: 2})
	for _, at := range []int64{2000, 1000} {
		b = trip.AppendTrip(b, &trip.Trip{ID: 1, PickupLat: 40.7, PickupLon: -73.9, DropoffLat: 40.7, DropoffLon: -73.9, Dropoff: at})
	}
	file := filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, file)
	defer s.Close()
	if n, err := s.Next(make([]trip.Trip, 10)); err == nil || err == io.EOF {
		t.Fatalf("%d trips, %v", n, err)
	}
}
