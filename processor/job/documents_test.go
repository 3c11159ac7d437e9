package job_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/internal/opensearch"
	"taxistream/internal/results/document"
	"taxistream/internal/trip"
	"taxistream/localstack/localtest"
	"taxistream/processor/job"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with testdata/name, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s", path, localtest.Diff([]byte(got), want))
	}
}

// afternoon is a set of trips of which each result differs in something: a cell with
// one pickup, with two and with three, a window's first and last instant, both
// airports, a sum of which an average made of two rounded quotients is another number.
func afternoon() []trip.Trip {
	to := func(t trip.Trip, lat, lon float64, duration time.Duration) trip.Trip {
		t.DropoffLat, t.DropoffLon, t.Pickup = lat, lon, t.Dropoff-duration.Milliseconds()
		return t
	}
	from := func(t trip.Trip, lat, lon float64) trip.Trip {
		t.PickupLat, t.PickupLon = lat, lon
		return t
	}
	const jfkLat, jfkLon, lgaLat, lgaLon = 40.6413, -73.7781, 40.7769, -73.874
	return []trip.Trip{
		ride(1, at("12:00")),
		ride(2, at("12:09:59.999")),
		ride(3, at("12:10")),
		from(ride(4, at("12:15")), 40.65, -73.95),
		to(ride(5, at("12:20")), jfkLat, jfkLon, 1_000_001*time.Millisecond),
		to(ride(6, at("12:59:59.999")), jfkLat, jfkLon, 1_000_007*time.Millisecond),
		to(ride(7, at("12:30")), jfkLat, jfkLon, 6*time.Hour),
		to(ride(8, at("13:00")), jfkLat, jfkLon, 0),
		to(ride(9, at("12:30:01")), lgaLat, lgaLon, 7*time.Minute),
		to(from(ride(10, at("12:31")), jfkLat, jfkLon), lgaLat, lgaLon, 1234567*time.Millisecond),
		from(ride(11, at("12:31")), 40.878, -73.722),
		from(ride(12, at("12:32")), 40.878, -73.722),
		from(ride(13, at("12:33")), 40.878, -73.722),
	}
}

// turnedAway adds a record of each reason to shard a, whose watermark it moves to 12:50.
func turnedAway(w *world) {
	w.append("a", job.Record{Fault: "not a JSON object: \"\x01\xff\"", Data: []byte("{\x00")}, 0)
	outside := ride(20, at("12:40"))
	outside.PickupLat = 40.8781
	w.trip("a", outside)
	negative := ride(21, at("12:40"))
	negative.Pickup = negative.Dropoff + 1
	w.trip("a", negative)
	long := ride(22, at("12:40"))
	long.Pickup = long.Dropoff - 6*3600_000 - 1
	w.trip("a", long)
	w.trip("a", ride(1, at("12:00")))
	w.watermark("a", at("12:50"))
	w.trip("a", ride(23, at("12:49:59.999")))
	second := ride(24, at("12:30"))
	second.DropoffLon = -75
	w.append("a", job.Record{Kind: trip.KindTrip, Trip: second, Sub: 7, Data: trip.AppendTrip(nil, &second)}, second.EventTime())
}

// Ensure ids, versions, months, the order of fields and every digit of the
// documents stay what they are: others read them, and ids must meet again.
func TestDocumentsGolden(t *testing.T) {
	w := newWorld(t, "a")
	for _, trip := range afternoon() {
		w.trip("a", trip)
	}
	turnedAway(w)
	w.watermarks(at("14:00"))
	w.run()
	golden(t, "documents.golden", w.documents())
	w.wantRejected("duplicate 1, late 1, malformed 1, negative_duration 1, outside_city 2, too_long 1")

	prefixed := newWorld(t, "a")
	prefixed.config.IndexPrefix = "v2-"
	for _, trip := range afternoon() {
		prefixed.trip("a", trip)
	}
	turnedAway(prefixed)
	prefixed.watermarks(at("14:00"))
	prefixed.run()
	got := prefixed.documents()
	if unprefixed := strings.ReplaceAll("\n"+got, "\nv2-", "\n")[1:]; unprefixed != w.documents() || !strings.HasPrefix(got, "v2-") {
		t.Errorf("with a prefix the documents differ in more than it:\n%s", got)
	}
}

// export is what localstack export would write of the results.
func export(t testing.TB, w *world) []byte {
	t.Helper()
	type line struct {
		Index  string          `json:"_index"`
		ID     string          `json:"_id"`
		Source json.RawMessage `json:"_source"`
	}
	newest := map[string]opensearch.Document{}
	for _, e := range w.out.Elements() {
		if d := e.Value; !strings.HasPrefix(d.Index, "taxi_rejects-") && d.Version >= newest[d.Index+" "+d.ID].Version {
			newest[d.Index+" "+d.ID] = d
		}
	}
	var lines []line
	for _, d := range newest {
		alias, _, _ := strings.Cut(d.Index, "-")
		lines = append(lines, line{alias, d.ID, d.Source})
	}
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.Index+" "+a.ID, b.Index+" "+b.ID) })
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for _, l := range lines {
		if err := enc.Encode(l); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func oracleTrips(trips []trip.Trip) []localtest.Trip {
	out := make([]localtest.Trip, len(trips))
	for i, t := range trips {
		out[i] = localtest.Trip{
			ID: t.ID, PickupLat: t.PickupLat, PickupLon: t.PickupLon, DropoffLat: t.DropoffLat, DropoffLon: t.DropoffLon,
			Pickup: time.UnixMilli(t.Pickup), Dropoff: time.UnixMilli(t.Dropoff),
		}
	}
	return out
}

// Ensure the golden documents are those of the oracle, which shares no code with the job.
func TestDocumentsAreTheOracles(t *testing.T) {
	w := newWorld(t, "a")
	trips := afternoon()
	for _, trip := range trips {
		w.trip("a", trip)
	}
	w.watermarks(at("14:00"))
	w.run()
	want, _ := localtest.Documents(t, oracleTrips(trips))
	if diff := localtest.Diff(export(t, w), want); diff != "" {
		t.Error(diff)
	}
}

// Ensure -hotspot-min decides which pickup counts are written, and nothing else.
func TestHotspotMin(t *testing.T) {
	for least, want := range map[int]int64{1: 13, 2: 7, 3: 3, 4: 0} {
		w := newWorld(t, "a")
		w.config.HotspotMin = least
		for _, trip := range afternoon() {
			w.trip("a", trip)
		}
		w.watermarks(at("14:00"))
		w.run()
		w.wantCounted(want)
		w.wantRejected("")
		if n := strings.Count(w.documents(), "trip_duration-2016.01 "); n != 4 {
			t.Errorf("min %d: %d documents of airport trips, want 4", least, n)
		}
	}
}

// Ensure windows of other lengths and resolutions are named after themselves.
func TestOtherWindows(t *testing.T) {
	w := newWorld(t, "a")
	w.config.Rules.HotspotWindow, w.config.Rules.AirportWindow = 5*time.Minute, 2*time.Hour
	w.config.HotspotResolution, w.config.AirportResolution = 7, 10
	for _, trip := range afternoon() {
		w.trip("a", trip)
	}
	w.watermarks(at("14:00"))
	w.run()
	golden(t, "windows.golden", w.documents())
}

// Ensure a refused document becomes a reject in the document's own month, and the
// same reject if it is refused again.
func TestUnwritableReject(t *testing.T) {
	d := opensearch.Document{Index: "v2-pickup_count-2016.01", ID: "1451995200000-600000-892a100d2c3ffff", Version: 3, Source: []byte(`{"a":1}`)}
	r := document.UnwritableReject("v2-", d, "400 mapper_parsing_exception \"no\"", time.UnixMilli(at("12:09:59.999")))
	want := opensearch.Document{
		Index: "v2-taxi_rejects-2016.01", ID: "v2-pickup_count-2016.01-1451995200000-600000-892a100d2c3ffff", Version: 1,
		Source: []byte(`{"reason":"unwritable","detail":"400 mapper_parsing_exception \"no\"","record":"eyJhIjoxfQ==","shard":"","sequence_number":"","timestamp":"2016-01-05T12:09:59.999Z"}`),
	}
	if r.Index != want.Index || r.ID != want.ID || r.Version != want.Version || string(r.Source) != string(want.Source) {
		t.Errorf("got  %s %s %d %s\nwant %s %s %d %s", r.Index, r.ID, r.Version, r.Source, want.Index, want.ID, want.Version, want.Source)
	}
}
