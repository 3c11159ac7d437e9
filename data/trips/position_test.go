package trips_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taxistream/data/trips"
	"taxistream/internal/trip"
)

// Ensure a meter tells rising figures that end with the size of all files, and of
// a download that of the server.
func TestMeter(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	text.WriteString("pickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude,total_amount\n")
	for i := range 20_000 {
		fmt.Fprintf(&text, "2015-01-15 10:00:00,2015-01-15 10:20:%02d,-73.99,40.75,-73.78,40.64,52.8\n", i%60)
	}
	for _, name := range []string{"a.csv", "b.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	for source, want := range map[string]int64{dir: int64(2 * text.Len()), server.URL + "/a.csv": int64(text.Len())} {
		var finder trips.Finder
		inputs, err := finder.Find(context.Background(), source)
		if err != nil {
			t.Fatal(err)
		}
		var last, size int64
		told := 0
		meter := trips.NewMeter(inputs, func(read, of int64) {
			if read < last {
				t.Errorf("%s: %d bytes after %d", source, read, last)
			}
			last, size = read, max(of, size)
			told++
		})
		for _, in := range inputs {
			r, err := trips.Open(context.Background(), in)
			if err != nil {
				t.Fatal(err)
			}
			var row trip.Trip
			for n := 0; err == nil; n++ {
				if n%1000 == 0 {
					meter.At(r)
				}
				err = r.Read(&row)
			}
			if err != io.EOF {
				t.Fatal(err)
			}
			meter.Done(r)
			r.Close()
		}
		if last != want || size != want || told < 20 {
			t.Errorf("%s: told %d times, at the end %d of %d bytes, want %d", source, told, last, size, want)
		}
	}
	if trips.NewMeter(nil, nil) != nil {
		t.Error("a meter for nobody")
	}
}
