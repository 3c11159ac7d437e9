package trip

import (
	"bytes"
	"flag"
	"math"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files")

// The stream's archive outlives the program: these bytes are read for ever, and
// what is written never changes without a decision.
func TestWireGolden(t *testing.T) {
	const path = "testdata/wire.ndjson"
	trips := []Trip{
		{ID: 4711, PickupLat: 40.7, PickupLon: -73.9, DropoffLat: 40.6, DropoffLon: -73.8, TotalAmount: 52.8, HasAmount: true, Pickup: 1357016523000, Dropoff: 1357018800000},
		{ID: math.MaxInt64, PickupLat: 40.75798034667969, PickupLon: -73.98549652099609, DropoffLat: -0.5, DropoffLon: 1e21, Pickup: minWritable, Dropoff: maxWritable},
		{ID: 1, TotalAmount: -3.5, HasAmount: true, PickupLat: 1e-7, PickupLon: 999_999_999.999999, DropoffLat: 1_000_000_000.000001, Pickup: -1, Dropoff: 951782400123},
	}
	watermarks := []int64{1357018799999, minWritable, maxWritable}
	var wire []byte
	for i := range trips {
		wire = AppendTrip(wire, &trips[i])
	}
	for _, ms := range watermarks {
		wire = AppendWatermark(wire, ms)
	}
	if *update {
		if err := os.WriteFile(path, wire, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(wire, golden) {
		t.Fatalf("got\n%swant\n%s", wire, golden)
	}
	for i, line := range bytes.SplitAfter(golden, []byte("\n"))[:len(trips)+len(watermarks)] {
		var ev Event
		if err := Decode(line, &ev); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if i < len(trips) && (ev.Kind != KindTrip || ev.Trip != trips[i]) || i >= len(trips) && (ev.Kind != KindWatermark || ev.Watermark != watermarks[i-len(trips)]) {
			t.Errorf("%s: got %+v", line, ev)
		}
	}
}

// Ensure the short way of writing numbers writes what strconv does.
func TestAppendNumber(t *testing.T) {
	for _, f := range []float64{0, math.Copysign(0, -1), 1e-6, 1e-7, 999_999_999.999999, 1e9, 1e15, -73.98549652099609, 0.1 + 0.2} {
		if got, want := string(appendNumber(nil, f)), strconv.FormatFloat(f, 'f', -1, 64); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.OneOf(
			rapid.Float64(),
			rapid.Custom(func(t *rapid.T) float64 {
				n, decimals := rapid.Int64Range(-1e16, 1e16).Draw(t, "n"), rapid.IntRange(0, 9).Draw(t, "decimals")
				return float64(n) / math.Pow10(decimals)
			}),
		).Filter(func(f float64) bool { return f-f == 0 }).Draw(t, "f")
		if got, want := string(appendNumber(nil, f)), strconv.FormatFloat(f, 'f', -1, 64); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}
