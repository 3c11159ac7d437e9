package objects_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"taxistream/data/zones"
)

// zone is the largest ring of the zone of a name.
func zone(t *testing.T, name string) (largest []zones.Point) {
	t.Helper()
	for _, z := range zones.All() {
		if z.Name != name {
			continue
		}
		for _, ring := range z.Rings {
			if a, b := area(ring), area(largest); a*a > b*b {
				largest = ring
			}
		}
	}
	if largest == nil {
		t.Fatalf("no zone %q", name)
	}
	return largest
}

// Names that have room on a panel of some 500 pixels, with the zones in whose
// middle they stand; an airport's stands beside it, as the control room has it.
var places = []struct {
	words string
	of    []string
}{
	{"East Harlem", []string{"East Harlem North", "East Harlem South"}},
	{"Upper West Side", []string{"Upper West Side North", "Upper West Side South"}},
	{"Upper East Side", []string{"Upper East Side North", "Upper East Side South"}},
	{"Midtown", []string{"Midtown Center", "Midtown North", "Midtown South", "Midtown East"}},
	{"Chelsea", []string{"East Chelsea"}},
	{"Greenwich Village", []string{"Greenwich Village North", "Greenwich Village South"}},
	{"Lower East Side", []string{"Lower East Side"}},
	{"Financial District", []string{"Financial District North", "Financial District South"}},
	{"Astoria", []string{"Astoria"}},
	{"Long Island City", []string{"Long Island City/Hunters Point", "Long Island City/Queens Plaza"}},
	{"Jackson Heights", []string{"Jackson Heights"}},
	{"Flushing", []string{"Flushing"}},
	{"Forest Hills", []string{"Forest Hills"}},
	{"Jamaica", []string{"Jamaica"}},
	{"Greenpoint", []string{"Greenpoint"}},
	{"Williamsburg", []string{"Williamsburg (North Side)", "Williamsburg (South Side)"}},
	{"Downtown Brooklyn", []string{"Downtown Brooklyn/MetroTech"}},
	{"Park Slope", []string{"Park Slope"}},
}

func placeNames(t *testing.T) (all []string) {
	for _, p := range places {
		var lon, lat float64
		for _, name := range p.of {
			at := middle(zone(t, name))
			lon, lat = lon+at[0]/float64(len(p.of)), lat+at[1]/float64(len(p.of))
		}
		all = append(all, named(p.words, "place", [2]float64{lon, lat}))
	}
	return append(all, named("JFK", "airport", [2]float64{-73.772, 40.6625}), named("LaGuardia", "airport", [2]float64{-73.8815, 40.7645}))
}

func named(words, kind string, at [2]float64) string {
	return fmt.Sprintf(`{"words":%q,"kind":%q,"lon":%.4f,"lat":%.4f}`, words, kind, at[0], at[1])
}

// middle is the centre of mass of a ring, in degrees.
func middle(ring []zones.Point) [2]float64 {
	var x, y, sum float64
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		px, py, qx, qy := float64(p.Lon-west), float64(p.Lat-south), float64(q.Lon-west), float64(q.Lat-south)
		cross := px*qy - qx*py
		x, y, sum = x+(px+qx)*cross, y+(py+qy)*cross, sum+cross
	}
	return [2]float64{(west + x/(3*sum)) / 1e6, (south + y/(3*sum)) / 1e6}
}

var (
	comment = regexp.MustCompile(`//.*`)
	key     = regexp.MustCompile(`(\w+):`)
	last    = regexp.MustCompile(`,(\s*[\]}])`)
)

// surroundings are the other land and the names of the control room's page.
func surroundings(t *testing.T) (land, names []string) {
	t.Helper()
	source, err := os.ReadFile("../live/web/src/around.ts")
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string, v any) {
		_, rest, _ := strings.Cut(string(source), "export const "+name)
		_, rest, _ = strings.Cut(rest, " = ")
		list, _, _ := strings.Cut(rest, ";\n")
		list = strings.ReplaceAll(comment.ReplaceAllString(list, ""), "Infinity", "0")
		list = last.ReplaceAllString(key.ReplaceAllString(list, `"$1":`), "$1")
		if err := json.Unmarshal([]byte(list), v); err != nil {
			t.Fatalf("%s of around.ts: %v", name, err)
		}
	}
	var rings [][][2]float64
	read("otherLand", &rings)
	for _, ring := range rings {
		var points []zones.Point
		for _, p := range ring {
			points = append(points, zones.Point{Lon: int32(p[0] * 1e6), Lat: int32(p[1] * 1e6)})
		}
		land = append(land, polygon(points))
	}
	var all []struct {
		Words, Kind string
		At          [2]float64
	}
	read("names", &all)
	for _, n := range all {
		switch n.Words {
		case "THE BRONX":
			n.At = [2]float64{-73.885, 40.822} // the part of it that is in view
		case "MANHATTAN":
			n.At = [2]float64{-73.956, 40.811} // above its neighbourhoods' names
		}
		names = append(names, named(n.Words, n.Kind, n.At))
	}
	return land, names
}
