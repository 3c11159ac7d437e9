package live_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"taxistream/data/zones"
)

var update = flag.Bool("update", false, "write the tables instead of comparing them")

// zonesFile is the page's table of neighbourhoods: outlines for the map and names
// for the cells. It is data/zones, without what lies outside the city's box.
const zonesFile = "web/src/zones.json"

// The city's box in microdegrees, with a rim that the map may show.
const west, east, south, north = -74_100_000, -73_690_000, 40_530_000, 40_920_000

// Ensure the page's outlines are those of data/zones.
func TestZones_MatchTheirSource(t *testing.T) {
	want := zonesTable(t)
	if *update {
		if err := os.WriteFile(zonesFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(zonesFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what data/zones gives: run make generate-live", zonesFile)
	}
}

// zonesTable has a line a zone: id, name, borough, and the rings in steps of
// 1e-5 degrees, the first from 0, 0.
func zonesTable(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(`{"source":"NYC Taxi and Limousine Commission, taxi zones (NYC open data), simplified; see data/zones/outlines.txt","unit":1e-5,"zones":[`)
	for _, z := range zones.All() {
		if z.Min.Lon > east || z.Max.Lon < west || z.Min.Lat > north || z.Max.Lat < south || z.Borough == "EWR" {
			continue
		}
		if b.Bytes()[b.Len()-1] != '[' {
			b.WriteByte(',')
		}
		rings := make([][]int32, len(z.Rings))
		for i, ring := range z.Rings {
			var x, y int32
			for _, p := range ring {
				lon, lat := p.Lon/10, p.Lat/10
				rings[i] = append(rings[i], lon-x, lat-y)
				x, y = lon, lat
			}
		}
		line, err := json.Marshal([]any{z.ID, z.Name, z.Borough, rings})
		if err != nil {
			t.Fatal(err)
		}
		b.WriteByte('\n')
		b.Write(line)
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}
