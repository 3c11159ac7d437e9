package localtest

import (
	"os"
	"path/filepath"
	"testing"

	"taxistream/data/generate"
	"taxistream/internal/trip"
)

// GeneratedDay writes a generated day as JSON lines with ids of their own, some
// of them twice, and returns the file.
func GeneratedDay(t testing.TB, trips int) string {
	t.Helper()
	g, err := generate.New(generate.Options{First: generate.Date{Year: 2016, Month: 1, Day: 5}, Days: 1, Seed: 1, TripsPerDay: trips})
	if err != nil {
		t.Fatal(err)
	}
	var lines []byte
	buf := make([]trip.Trip, 1000)
	for id := int64(1); ; {
		n, err := g.Next(buf)
		if err != nil {
			break
		}
		for i := range buf[:n] {
			buf[i].ID = id
			lines = trip.AppendTrip(lines, &buf[i])
			if id++; id%1000 == 0 { // some come twice
				lines = trip.AppendTrip(lines, &buf[i])
			}
		}
	}
	file := filepath.Join(t.TempDir(), "generated.json")
	if err := os.WriteFile(file, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
