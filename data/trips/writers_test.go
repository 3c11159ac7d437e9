package trips_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure files of real writers give the same trips: testdata/writers.py makes them.
// The forms are tried without them in the tests beside this one.
func TestWriters(t *testing.T) {
	dir := os.Getenv("TAXI_WRITERS")
	if dir == "" {
		t.Skip("TAXI_WRITERS names no folder with the files of testdata/writers.py")
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		t.Run(f.Name(), func(t *testing.T) {
			base := "base.csv"
			if strings.HasPrefix(f.Name(), "zone-") {
				base = "zone-base.csv"
			}
			want, _, err := read(t, filepath.Join(dir, base))
			if err != nil || len(want) != 60 {
				t.Fatalf("%s: %d trips, %v", base, len(want), err)
			}
			got, stats, err := read(t, filepath.Join(dir, f.Name()))
			if strings.HasPrefix(f.Name(), "bad-") {
				if err == nil || strings.Contains(err.Error(), "rows are bad") {
					t.Errorf("%d trips, %v: want it refused by name", len(got), err)
				}
				t.Log(err)
				return
			}
			if err != nil || len(got) != len(want) {
				t.Fatalf("%d trips, %+v, %v", len(got), stats, err)
			}
			for i := range got {
				if rough := strings.HasPrefix(f.Name(), "rough-"); rough && math.Abs(got[i].TotalAmount-want[i].TotalAmount) < 0.02 {
					got[i].TotalAmount = want[i].TotalAmount
				}
				if got[i] != want[i] {
					t.Fatalf("trip %d is %+v, want %+v", i, got[i], want[i])
				}
			}
		})
	}
}
