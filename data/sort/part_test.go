package sort_test

import (
	"context"
	"io"
	"testing"

	"taxistream/data/generate"
	"taxistream/data/sort"
	"taxistream/internal/trip"
)

// Ensure the part of a stream rises from nothing to all of it, for each kind of
// source and again after Rewind, and is not known where kinds are mixed.
func TestStream_Part(t *testing.T) {
	days := generate.Options{First: generate.Date{Year: 2016, Month: 1, Day: 5}, Days: 1, TripsPerDay: 2000}
	file := write(t, "a.csv", rows(3000))
	ready := save(t, sort.Generate(days))
	for name, s := range map[string]*sort.Stream{"Sorted": open(t, file), "Prepared": open(t, ready), "Generated": sort.Generate(days)} {
		for pass := range 2 {
			last, given := 0.0, int64(0)
			buf := make([]trip.Trip, 100)
			for {
				n, err := s.Next(buf)
				given += int64(n)
				if part := s.Part(given); n > 0 && (part < last || part > 1) {
					t.Errorf("%s, pass %d: %v after %v", name, pass, part, last)
				} else if n > 0 {
					last = part
				}
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if last < 0.95 {
				t.Errorf("%s, pass %d: at the end %v", name, pass, last)
			}
			if err := s.Rewind(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		s.Close()
	}
	mixed := open(t, file, ready)
	defer mixed.Close()
	mixed.Next(make([]trip.Trip, 10))
	if part := mixed.Part(10); part != sort.UnknownPart {
		t.Errorf("of two kinds: %v", part)
	}
}
