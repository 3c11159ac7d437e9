package zones_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"taxistream/data/zones"
)

func Example() {
	name, borough, ok := zones.Zone(40.7527, -73.9772) // Grand Central Terminal
	fmt.Println(name, borough, ok)
	_, _, ok = zones.Zone(40.7020, -74.0300) // the Upper Bay
	fmt.Println(ok)
	// Output:
	// Midtown East Manhattan true
	// false
}

func TestZone(t *testing.T) {
	tests := []struct {
		place    string
		lat, lon float64
		want     string // "" for no zone
	}{
		{"Times Square", 40.7580, -73.9855, "Times Sq/Theatre District"},
		{"JFK terminals", 40.6446, -73.7821, "JFK Airport"},
		{"LaGuardia terminals", 40.7733, -73.8725, "LaGuardia Airport"},
		{"Newark airport", 40.6895, -74.1745, "Newark Airport"},
		{"the East River at 34th Street", 40.7420, -73.9660, ""},
		{"the Hudson at 34th Street", 40.7600, -74.0150, ""},
		{"the Atlantic", 40.5000, -73.8000, ""},
		{"nowhere", 0, 0, ""},
		{"not a number", math.NaN(), -73.98, ""},
		{"infinity", 40.75, math.Inf(-1), ""},
	}
	for _, tt := range tests {
		t.Run(tt.place, func(t *testing.T) {
			name, _, ok := zones.Zone(tt.lat, tt.lon)
			if name != tt.want || ok != (tt.want != "") {
				t.Errorf("Zone(%v, %v) = %q, %v, want %q", tt.lat, tt.lon, name, ok, tt.want)
			}
		})
	}
}

func TestAll(t *testing.T) {
	shapes := zones.All()
	if len(shapes) != 260 {
		t.Errorf("%d zones, want 260", len(shapes))
	}
	for i := range shapes {
		s := &shapes[i]
		if s.Name == "" || s.Borough == "" || len(s.Rings) == 0 {
			t.Errorf("zone %d lacks name, borough or outline", s.ID)
		}
	}
}

// Ensure that the integer test agrees with the angle a ring turns through as
// seen from the point, for points not next to a border.
func TestContainsAgreesWithWindingNumber(t *testing.T) {
	shapes := zones.All()
	rapid.Check(t, func(t *rapid.T) {
		s := &shapes[rapid.IntRange(0, len(shapes)-1).Draw(t, "zone")]
		p := zones.Point{
			Lon: rapid.Int32Range(s.Min.Lon-100, s.Max.Lon+100).Draw(t, "lon")/10*10 + 5,
			Lat: rapid.Int32Range(s.Min.Lat-100, s.Max.Lat+100).Draw(t, "lat")/10*10 + 5,
		}
		turns := 0.0
		for _, ring := range s.Rings {
			turns += math.Abs(angle(ring, p))
		}
		if d := math.Abs(turns - math.Round(turns)); d > 1e-6 {
			return // so near to an edge that the angle cannot tell
		}
		if got, want := s.Contains(p), int(math.Round(turns))%2 == 1; got != want {
			t.Fatalf("zone %d contains %v: %v, want %v", s.ID, p, got, want)
		}
	})
}

// angle returns how often the ring turns around p.
func angle(ring []zones.Point, p zones.Point) float64 {
	sum := 0.0
	a := ring[len(ring)-1]
	for _, b := range ring {
		ax, ay := float64(a.Lon-p.Lon), float64(a.Lat-p.Lat)
		bx, by := float64(b.Lon-p.Lon), float64(b.Lat-p.Lat)
		sum += math.Atan2(ax*by-ay*bx, ax*bx+ay*by)
		a = b
	}
	return sum / (2 * math.Pi)
}

func BenchmarkZone(b *testing.B) {
	for b.Loop() {
		zones.Zone(40.7527, -73.9772)
	}
}
