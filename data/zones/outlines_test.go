package zones_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the committed tables anew from the shared data")

const outlinesHead = `# Outlines of New York's taxi zones, for package zones; parse.go describes the format.
# Source: NYC Taxi and Limousine Commission, taxi zone shapefile (NYC open data), simplified with a tolerance of
# 60 ft and turned to WGS84. Units: 1e-5 degrees; LocationID, borough, zone, rings (first lon lat, then steps).
`

// Ensure that the committed table is its source and nothing else.
func TestOutlinesMatchSource(t *testing.T) {
	source := filepath.Join(sharedData(t), "zones", "taxi_zones_simplified.geojson")
	data, err := os.ReadFile(source)
	if os.IsNotExist(err) {
		t.Skipf("no %s: the committed outlines are used as they are (set TAXI_SHARED)", source)
	}
	if err != nil {
		t.Fatal(err)
	}
	want := deriveOutlines(t, data)
	if *update {
		if err := os.WriteFile("outlines.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("outlines.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("outlines.txt is not what its source gives; look at the source, then run this test with -update")
	}
}

type feature struct {
	Properties struct {
		LocationID    int
		Borough, Zone string
	}
	Geometry struct {
		Type        string
		Coordinates json.RawMessage
	}
}

func deriveOutlines(t *testing.T, geojson []byte) string {
	t.Helper()
	var file struct{ Features []feature }
	if err := json.Unmarshal(geojson, &file); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(file.Features, func(a, b feature) int { return a.Properties.LocationID - b.Properties.LocationID })
	var text strings.Builder
	text.WriteString(outlinesHead)
	for _, f := range file.Features {
		var polygons [][][][2]float64
		if f.Geometry.Type == "Polygon" {
			polygons = make([][][][2]float64, 1)
			f.Geometry.Coordinates = json.RawMessage("[" + string(f.Geometry.Coordinates) + "]")
		}
		if err := json.Unmarshal(f.Geometry.Coordinates, &polygons); err != nil {
			t.Fatalf("zone %d: %v", f.Properties.LocationID, err)
		}
		var rings []string
		for _, polygon := range polygons {
			for _, ring := range polygon {
				rings = append(rings, ringText(ring))
			}
		}
		fmt.Fprintf(&text, "%d\t%s\t%s\t%s\n", f.Properties.LocationID, f.Properties.Borough, f.Properties.Zone, strings.Join(rings, ";"))
	}
	return text.String()
}

func ringText(ring [][2]float64) string {
	if n := len(ring); ring[0] == ring[n-1] {
		ring = ring[:n-1]
	}
	var numbers []string
	var last [2]int
	for _, p := range ring {
		here := [2]int{int(math.Round(p[0] * 1e5)), int(math.Round(p[1] * 1e5))}
		numbers = append(numbers, fmt.Sprint(here[0]-last[0]), fmt.Sprint(here[1]-last[1]))
		last = here
	}
	return strings.Join(numbers, " ")
}

// sharedData returns the folder of real trips, which need not exist.
func sharedData(t *testing.T) string {
	t.Helper()
	if shared := os.Getenv("TAXI_SHARED"); shared != "" {
		return filepath.Join(shared, "data")
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared", "data")
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("no go.mod above the test's folder")
	}
}
