package app_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"taxistream/data/zones"
	"taxistream/internal/geo"
	"taxistream/internal/results"
	"taxistream/localstack/app"
	"taxistream/localstack/search"
)

// asked runs the verb query.
func asked(t *testing.T, url string, args ...string) (status int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = app.Main(t.Context(), append([]string{"query", "-opensearch-endpoint", url}, args...), &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// lines are an answer in JSON.
func lines[R any](t *testing.T, out string) (rows []R) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(out))
	for d.More() {
		var r R
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	return rows
}

// exportedSources are the documents of an export.
func exportedSources(t *testing.T, export []byte) (all []results.Source) {
	t.Helper()
	for line := range bytes.Lines(export) {
		var d struct {
			Source results.Source `json:"_source"`
		}
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		all = append(all, d.Source)
	}
	return all
}

// Ensure the answers are what the export of the same run sums up to.
func TestQuery(t *testing.T) {
	server, err := search.New(search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	url, err := server.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	export, _ := demo(t, "generate:2016-01-05", "-until", "2016-01-05T03:00:00", "-opensearch-endpoint", url)
	all := parseExport(t, export)
	zoneOf := func(cell string) string {
		c, err := geo.ParseCell(cell)
		if err != nil {
			t.Fatal(err)
		}
		lat, lon, err := c.Center()
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := zones.Zone(lat, lon)
		return name
	}
	sources := exportedSources(t, export)
	from := "" // where the first ride begins that begins in a neighbourhood
	for _, d := range sources {
		if from == "" && d.Airport != "" {
			from = zoneOf(d.Cell)
		}
	}
	inVillage, rides := int64(0), int64(0)
	for _, d := range sources {
		switch zone := zoneOf(d.Cell); {
		case d.Airport == "" && zone == "East Village":
			inVillage += d.PickupCount
		case d.Airport != "" && zone == from:
			rides += d.TripCount
		}
	}

	status, out, errs := asked(t, url, "top", "-n", "3", "-json")
	top := lines[struct {
		Cell    string
		Pickups int64
	}](t, out)
	if status != 0 || len(top) != 3 {
		t.Fatalf("top: status %d, %s%s", status, out, errs)
	}
	for i, row := range top {
		if row.Pickups != all.cells[row.Cell] || i > 0 && row.Pickups > top[i-1].Pickups {
			t.Errorf("top: %v, want %d", row, all.cells[row.Cell])
		}
	}
	for _, n := range all.cells {
		if n > top[0].Pickups {
			t.Errorf("a cell has %d pickups, the top one %d", n, top[0].Pickups)
		}
	}
	sum := int64(0)
	_, out, errs = asked(t, url, "cell", "east village", "-json")
	for _, row := range lines[struct{ Pickups int64 }](t, out) {
		sum += row.Pickups
	}
	if sum != inVillage || sum == 0 {
		t.Errorf("cell: %d pickups, want %d: %s", sum, inVillage, errs)
	}
	sum = 0
	_, out, errs = asked(t, url, append([]string{"-json", "ride"}, strings.Fields(from)...)...)
	for _, row := range lines[struct{ Trips int64 }](t, out) {
		sum += row.Trips
	}
	if sum != rides || sum == 0 {
		t.Errorf("ride: %d trips, want %d: %s", sum, rides, errs)
	}
	if status, out, _ := asked(t, url, "cell", top[0].Cell); status != 0 || !strings.HasPrefix(out, "Pickups at "+top[0].Cell+", 2016-01-05 (New York), cell "+top[0].Cell+"\n\nfrom    pickups\n") {
		t.Errorf("cell as a table: %s", out)
	}
	for args, want := range map[string]string{
		"":                        "say what to ask: top, cell PLACE or ride PLACE; see -h",
		"tpo":                     `unknown question "tpo" (did you mean top?); see -h`,
		"cell":                    "cell: name a place; see -h",
		"ride -73.98,40.75":       "unknown flag -73.98,40.75; see -h",
		"ride 40.75,-80":          "40.75,-80 is outside the city; see -h",
		"ride Harlem":             `"Harlem" is the name of several places: Central Harlem, Central Harlem North, East Harlem North, East Harlem South; see -h`,
		"ride Midtown Centre":     `no place "Midtown Centre" (did you mean Midtown Center?): write a neighbourhood's name, coordinates as 40.7580,-73.9855, or a cell; see -h`,
		"top -day 2016-02-30":     `-day "2016-02-30": write a date such as 2016-01-05; see -h`,
		"top -day 2016-01-07":     "no result for this: The cells with the most pickups, 2016-01-07 (New York)",
		"top -index-prefix other": "otherpickup_count on " + url + " holds no document: has a processor written there, under this -index-prefix?",
	} {
		if status, out, errs := asked(t, url, strings.Fields(args)...); status == 0 || out != "" || errs != "localstack query: "+want+"\n" {
			t.Errorf("%s: status %d, %s%s", args, status, out, errs)
		}
	}
}
