//go:build infra

package queries

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/uber/h3-go/v4"

	"taxistream/internal/trip"
	"taxistream/localstack/localtest"
)

// The batch twins give the documents that the pipeline gives, each one, of a day
// with repeated trips, trips outside, backwards and too long.
func TestTwins(t *testing.T) {
	file := localtest.GeneratedDay(t, 60_000)
	events := decode(t, file)
	for i := range 200 { // what the rules turn away, and bounds
		p := events[i*7].Trip
		p.ID += 1 << 40
		switch i % 5 {
		case 0:
			p.PickupLat = 40.5599
		case 1:
			p.DropoffLon = -73.7219
		case 2:
			p.Pickup = p.Dropoff + 1
		case 3:
			p.Pickup = p.Dropoff - 6*3600_000 - 1
		case 4:
			p.Pickup = p.Dropoff - 6*3600_000
		}
		events = append(events, trip.Event{Kind: trip.KindTrip, Trip: p}, trip.Event{Kind: trip.KindWatermark, Watermark: p.Dropoff})
	}
	documents, rejected := oracle(t, events)
	db := table(t, events)
	for _, twin := range []struct{ query, index string }{{"hotspots", "pickup_count"}, {"airport-trips", "trip_duration"}} {
		t.Run(twin.query, func(t *testing.T) {
			want := documents[twin.index]
			got := rows(t, db, twin.query)
			for _, row := range got {
				id := row["_id"].(string)
				document, there := want[id]
				if !there {
					t.Fatalf("%s is no document", id)
				}
				delete(want, id)
				for field, value := range row {
					if wanted := document[field]; field != "_id" && fmt.Sprint(value) != fmt.Sprint(wanted) {
						if f, ok := value.(int64); ok && float64(f) == wanted {
							continue
						}
						t.Errorf("%s: %s is %v, want %v", id, field, value, wanted)
					}
				}
			}
			for id := range want {
				t.Errorf("no row for the document %s", id)
			}
			if len(got) < 500 {
				t.Errorf("only %d rows", len(got))
			}
		})
	}
	for _, reason := range []string{"outside_city", "negative_duration", "too_long", "duplicate"} {
		if rejected[reason] == 0 {
			t.Errorf("the day has no trip that is %s", reason)
		}
	}
}

func decode(t *testing.T, file string) []trip.Event {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var events []trip.Event
	for line := range bytes.Lines(text) {
		var ev trip.Event
		if err := trip.Decode(line, &ev); err != nil {
			t.Fatal(err)
		}
		events = append(events, ev)
	}
	return events
}

// oracle gives the documents by index and id, by the batch oracle of the pipeline.
func oracle(t *testing.T, events []trip.Event) (map[string]map[string]map[string]any, map[string]int) {
	t.Helper()
	var trips []localtest.Trip
	for i := range events {
		if p := &events[i].Trip; events[i].Kind == trip.KindTrip {
			trips = append(trips, localtest.Trip{
				ID: p.ID, PickupLat: p.PickupLat, PickupLon: p.PickupLon, DropoffLat: p.DropoffLat, DropoffLon: p.DropoffLon,
				Pickup: time.UnixMilli(p.Pickup), Dropoff: time.UnixMilli(p.Dropoff),
			})
		}
	}
	export, rejected := localtest.Documents(t, trips)
	documents := map[string]map[string]map[string]any{"pickup_count": {}, "trip_duration": {}}
	for line := range bytes.Lines(export) {
		var doc struct {
			Index  string         `json:"_index"`
			ID     string         `json:"_id"`
			Source map[string]any `json:"_source"`
		}
		if err := json.Unmarshal(line, &doc); err != nil {
			t.Fatal(err)
		}
		documents[doc.Index][doc.ID] = doc.Source
	}
	return documents, rejected
}

// The arithmetic gives H3's cells all over the city's box, at borders too.
func TestCells(t *testing.T) {
	const points = 30_000
	r := rand.New(rand.NewPCG(1, 2))
	var events []trip.Event
	want := map[string]int{}
	at := time.Date(2016, 1, 5, 12, 0, 0, 0, time.UTC).UnixMilli()
	for i := range points {
		lat, lon := 40.560+r.Float64()*0.318, -74.054+r.Float64()*0.332
		if i%2 == 0 { // near a corner of its cell
			lat, lon = nearCorner(t, r, lat, lon)
		}
		cell, err := h3.LatLngToCell(h3.LatLng{Lat: lat, Lng: lon}, 9)
		if err != nil {
			t.Fatal(err)
		}
		for n := range int64(2) {
			events = append(events, trip.Event{Kind: trip.KindTrip, Trip: trip.Trip{
				ID: int64(2*i+1) + n, PickupLat: lat, PickupLon: lon, DropoffLat: 40.7, DropoffLon: -73.9, Pickup: at, Dropoff: at,
			}})
		}
		want[cell.String()] += 2
	}
	for _, row := range rows(t, table(t, events), "hotspots") {
		cell := row["cell"].(string)
		if int(row["pickup_count"].(int64)) != want[cell] {
			t.Errorf("cell %s has %v pickups, want %d", cell, row["pickup_count"], want[cell])
		}
		delete(want, cell)
	}
	for cell, n := range want {
		t.Errorf("cell %s is missing, with %d pickups", cell, n)
	}
}

// nearCorner moves a point to some 1 to 100 mm from a corner of its cell, inside the city's box.
func nearCorner(t *testing.T, r *rand.Rand, lat, lon float64) (float64, float64) {
	t.Helper()
	cell, err := h3.LatLngToCell(h3.LatLng{Lat: lat, Lng: lon}, 9)
	if err != nil {
		t.Fatal(err)
	}
	corners, err := cell.Boundary()
	if err != nil {
		t.Fatal(err)
	}
	c := corners[r.IntN(len(corners))]
	off := func() float64 { return math.Pow(10, -8+2*r.Float64()) * float64(1-2*r.IntN(2)) }
	return min(max(c.Lat+off(), 40.560), 40.878), min(max(c.Lng+off(), -74.054), -73.722)
}

// The hours hold each trip once, whatever becomes of it.
func TestTripsByHour(t *testing.T) {
	at := func(text string) int64 {
		ms, err := trip.ParseTime(text)
		if err != nil {
			t.Fatal(err)
		}
		return ms
	}
	ride := func(id int64, pickup, dropoff string, amount float64) trip.Event {
		return trip.Event{Kind: trip.KindTrip, Trip: trip.Trip{ID: id, Pickup: at(pickup), Dropoff: at(dropoff), HasAmount: amount > 0, TotalAmount: amount}}
	}
	got := rows(t, table(t, []trip.Event{
		ride(1, "2016-01-05T09:50:00.000Z", "2016-01-05T10:00:00.000Z", 10),
		ride(2, "2016-01-05T10:29:59.999Z", "2016-01-05T10:59:59.999Z", 20),
		ride(2, "2016-01-05T10:29:59.999Z", "2016-01-05T10:59:59.999Z", 20), // sent twice
		ride(3, "2016-01-05T10:40:00.000Z", "2016-01-05T11:00:00.000Z", 0),
		ride(4, "2016-01-05T12:40:00.000Z", "2016-01-05T12:00:00.000Z", 5), // ends before it begins
		ride(5, "2016-01-07T10:40:00.000Z", "2016-01-07T11:00:00.000Z", 5), // of no day that is asked for
		{Kind: trip.KindWatermark, Watermark: at("2016-01-05T11:00:00.000Z")},
	}), "trips-by-hour")
	want := []map[string]any{
		{"hour": "2016-01-05T10:00:00.000Z", "trips": int64(2), "avg_amount": 15.0, "avg_minutes": 20.0},
		{"hour": "2016-01-05T11:00:00.000Z", "trips": int64(1), "avg_amount": nil, "avg_minutes": 20.0},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
