package localtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/uber/h3-go/v4"
)

// The oracle computes the documents of a set of trips as one batch: the
// slowest, most obvious loop over the contract's rules. It shares no code with
// the pipeline, not even the constants.

// Trip is one trip of a file.
type Trip struct {
	ID                                           int64 // 0: the file has none
	PickupLat, PickupLon, DropoffLat, DropoffLon float64
	Pickup, Dropoff                              time.Time
}

type location struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

type boundary struct {
	Type        string         `json:"type"`
	Coordinates [][][2]float64 `json:"coordinates"`
}

type count struct {
	Cell        string   `json:"cell"`
	Resolution  int      `json:"resolution"`
	Location    location `json:"location"`
	Boundary    boundary `json:"boundary"`
	PickupCount int64    `json:"pickup_count"`
	WindowStart string   `json:"window_start"`
	WindowEnd   string   `json:"window_end"`
	Timestamp   string   `json:"timestamp"`
}

type duration struct {
	Cell        string   `json:"cell"`
	Resolution  int      `json:"resolution"`
	Location    location `json:"location"`
	Boundary    boundary `json:"boundary"`
	AirportCode string   `json:"airport_code"`
	TripCount   int64    `json:"trip_count"`
	Sum         float64  `json:"sum_trip_duration"`
	Avg         float64  `json:"avg_trip_duration"`
	Min         float64  `json:"min_trip_duration"`
	Max         float64  `json:"max_trip_duration"`
	WindowStart string   `json:"window_start"`
	WindowEnd   string   `json:"window_end"`
	Timestamp   string   `json:"timestamp"`
}

type line struct {
	Index  string `json:"_index"`
	ID     string `json:"_id"`
	Source any    `json:"_source"`
}

// Documents returns the export that the pipeline must make of the trips, byte for
// byte, and how many trips each rule turned away. None is late or too early: Stream
// judges those.
func Documents(t testing.TB, trips []Trip) (export []byte, rejected map[string]int) {
	t.Helper()
	rejected = map[string]int{}
	counted := map[tripWindow]bool{}
	var good []Trip
	for _, trip := range trips {
		reason := breaks(trip, time.Time{}, 0)
		key := windowOf(trip)
		if reason == "" && trip.ID != 0 && counted[key] {
			reason = "duplicate"
		}
		if reason != "" {
			rejected[reason]++
			continue
		}
		counted[key] = true
		good = append(good, trip)
	}
	return exportOf(t, good), rejected
}

// breaks is the first rule that the trip breaks by itself, "" for none. maxAhead 0, or an
// arrival that is not known (zero): none for the future.
func breaks(trip Trip, arrived time.Time, maxAhead time.Duration) string {
	switch {
	case !inCity(trip.PickupLat, trip.PickupLon) || !inCity(trip.DropoffLat, trip.DropoffLon):
		return "outside_city"
	case trip.Dropoff.Before(trip.Pickup):
		return "negative_duration"
	case trip.Dropoff.Sub(trip.Pickup) > 6*time.Hour:
		return "too_long"
	case maxAhead != 0 && !arrived.IsZero() && trip.Dropoff.After(arrived.Add(maxAhead)):
		return "too_early"
	}
	return ""
}

// tripWindow is what makes two trips the same one. firstEnd is in ms.
type tripWindow struct{ id, firstEnd int64 }

func windowOf(trip Trip) tripWindow {
	at := trip.Dropoff.UnixMilli()
	return tripWindow{trip.ID, min(floor(at, 600_000)+600_000, floor(at, 3_600_000)+3_600_000)}
}

// exportOf is the export of trips that all count.
func exportOf(t testing.TB, trips []Trip) []byte {
	t.Helper()
	type spot struct {
		start int64
		cell  h3.Cell
	}
	type ride struct {
		start   int64
		cell    h3.Cell
		airport string
	}
	counts := map[spot]int64{}
	durations := map[ride][]int64{}
	for _, trip := range trips {
		at := trip.Dropoff.UnixMilli()
		counts[spot{floor(at, 600_000), cell(t, trip, 9)}]++
		if airport := airport(trip.DropoffLat, trip.DropoffLon); airport != "" {
			key := ride{floor(at, 3_600_000), cell(t, trip, 8), airport}
			durations[key] = append(durations[key], trip.Dropoff.Sub(trip.Pickup).Milliseconds())
		}
	}

	var lines []line
	for k, n := range counts {
		if n < 2 {
			continue
		}
		location, boundary := shape(t, k.cell)
		lines = append(lines, line{"pickup_count", fmt.Sprintf("%d-600000-%s", k.start, k.cell), count{
			Cell: k.cell.String(), Resolution: 9, Location: location, Boundary: boundary, PickupCount: n,
			WindowStart: stamp(k.start), WindowEnd: stamp(k.start + 600_000), Timestamp: stamp(k.start + 600_000 - 1),
		}})
	}
	for k, ms := range durations {
		var sum int64
		least, most := int64(math.MaxInt64), int64(math.MinInt64)
		for _, d := range ms {
			sum += d
			least, most = min(least, d), max(most, d)
		}
		location, boundary := shape(t, k.cell)
		lines = append(lines, line{"trip_duration", fmt.Sprintf("%d-3600000-%s-%s", k.start, k.cell, k.airport), duration{
			Cell: k.cell.String(), Resolution: 8, Location: location, Boundary: boundary, AirportCode: k.airport, TripCount: int64(len(ms)),
			Sum: float64(sum) / 60000, Avg: float64(sum) / (60000 * float64(len(ms))), Min: float64(least) / 60000, Max: float64(most) / 60000,
			WindowStart: stamp(k.start), WindowEnd: stamp(k.start + 3_600_000), Timestamp: stamp(k.start + 3_600_000 - 1),
		}})
	}
	sort.Slice(lines, func(i, j int) bool {
		if lines[i].Index != lines[j].Index {
			return lines[i].Index < lines[j].Index
		}
		return lines[i].ID < lines[j].ID
	})
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for _, l := range lines {
		if err := enc.Encode(l); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func inCity(lat, lon float64) bool {
	return lat >= 40.560 && lat <= 40.878 && lon >= -74.054 && lon <= -73.722
}

func airport(lat, lon float64) string {
	if lat >= 40.632 && lat <= 40.654 && lon >= -73.800 && lon <= -73.761 {
		return "JFK"
	}
	if lat >= 40.766 && lat <= 40.778 && lon >= -73.881 && lon <= -73.859 {
		return "LGA"
	}
	return ""
}

func floor(at, size int64) int64 {
	return int64(math.Floor(float64(at)/float64(size))) * size
}

func cell(t testing.TB, trip Trip, resolution int) h3.Cell {
	t.Helper()
	c, err := h3.LatLngToCell(h3.NewLatLng(trip.PickupLat, trip.PickupLon), resolution)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func shape(t testing.TB, c h3.Cell) (location, boundary) {
	t.Helper()
	centre, err := c.LatLng()
	if err != nil {
		t.Fatal(err)
	}
	corners, err := c.Boundary()
	if err != nil {
		t.Fatal(err)
	}
	var ring [][2]float64
	for _, p := range corners {
		ring = append(ring, [2]float64{p.Lng, p.Lat})
	}
	ring = append(ring, ring[0])
	return location{centre.Lat, centre.Lng}, boundary{"Polygon", [][][2]float64{ring}}
}

func stamp(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// Diff names the first lines in which two exports differ.
func Diff(got, want []byte) string {
	if bytes.Equal(got, want) {
		return ""
	}
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	var b strings.Builder
	fmt.Fprintf(&b, "%d lines, want %d\n", len(g), len(w))
	for i := 0; i < max(len(g), len(w)); i++ {
		var a, c string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			c = w[i]
		}
		if a != c {
			fmt.Fprintf(&b, "line %d:\n got %s\nwant %s\n", i+1, a, c)
			break
		}
	}
	return b.String()
}
