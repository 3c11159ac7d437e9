package app_test

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

type oracleTrip struct {
	id                                           int64 // 0: the file has none
	pickupLat, pickupLon, dropoffLat, dropoffLon float64
	pickup, dropoff                              time.Time
}

type oracleLocation struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

type oracleBoundary struct {
	Type        string         `json:"type"`
	Coordinates [][][2]float64 `json:"coordinates"`
}

type oracleCount struct {
	Cell        string         `json:"cell"`
	Resolution  int            `json:"resolution"`
	Location    oracleLocation `json:"location"`
	Boundary    oracleBoundary `json:"boundary"`
	PickupCount int64          `json:"pickup_count"`
	WindowStart string         `json:"window_start"`
	WindowEnd   string         `json:"window_end"`
	Timestamp   string         `json:"timestamp"`
}

type oracleDuration struct {
	Cell        string         `json:"cell"`
	Resolution  int            `json:"resolution"`
	Location    oracleLocation `json:"location"`
	Boundary    oracleBoundary `json:"boundary"`
	AirportCode string         `json:"airport_code"`
	TripCount   int64          `json:"trip_count"`
	Sum         float64        `json:"sum_trip_duration"`
	Avg         float64        `json:"avg_trip_duration"`
	Min         float64        `json:"min_trip_duration"`
	Max         float64        `json:"max_trip_duration"`
	WindowStart string         `json:"window_start"`
	WindowEnd   string         `json:"window_end"`
	Timestamp   string         `json:"timestamp"`
}

type oracleLine struct {
	Index  string `json:"_index"`
	ID     string `json:"_id"`
	Source any    `json:"_source"`
}

// oracle returns the export that the pipeline must make of the trips, byte for
// byte, and how many trips each rule turned away.
func oracle(t testing.TB, trips []oracleTrip) (export []byte, rejected map[string]int) {
	t.Helper()
	rejected = map[string]int{}
	type spot struct {
		start int64
		cell  h3.Cell
	}
	type ride struct {
		start   int64
		cell    h3.Cell
		airport string
	}
	type seen struct{ id, firstEnd int64 }
	counts := map[spot]int64{}
	durations := map[ride][]int64{}
	counted := map[seen]bool{}
	for _, trip := range trips {
		switch {
		case !oracleInCity(trip.pickupLat, trip.pickupLon) || !oracleInCity(trip.dropoffLat, trip.dropoffLon):
			rejected["outside_city"]++
			continue
		case trip.dropoff.Before(trip.pickup):
			rejected["negative_duration"]++
			continue
		case trip.dropoff.Sub(trip.pickup) > 6*time.Hour:
			rejected["too_long"]++
			continue
		}
		at := trip.dropoff.UnixMilli()
		spotStart := oracleFloor(at, 600_000)
		rideStart := oracleFloor(at, 3_600_000)
		if trip.id != 0 {
			key := seen{trip.id, min(spotStart+600_000, rideStart+3_600_000)}
			if counted[key] {
				rejected["duplicate"]++
				continue
			}
			counted[key] = true
		}
		counts[spot{spotStart, oracleCell(t, trip, 9)}]++
		if airport := oracleAirport(trip.dropoffLat, trip.dropoffLon); airport != "" {
			key := ride{rideStart, oracleCell(t, trip, 8), airport}
			durations[key] = append(durations[key], trip.dropoff.Sub(trip.pickup).Milliseconds())
		}
	}

	var lines []oracleLine
	for k, n := range counts {
		if n < 2 {
			continue
		}
		location, boundary := oracleShape(t, k.cell)
		lines = append(lines, oracleLine{"pickup_count", fmt.Sprintf("%d-600000-%s", k.start, k.cell), oracleCount{
			Cell: k.cell.String(), Resolution: 9, Location: location, Boundary: boundary, PickupCount: n,
			WindowStart: oracleTime(k.start), WindowEnd: oracleTime(k.start + 600_000), Timestamp: oracleTime(k.start + 600_000 - 1),
		}})
	}
	for k, ms := range durations {
		var sum int64
		least, most := int64(math.MaxInt64), int64(math.MinInt64)
		for _, d := range ms {
			sum += d
			least, most = min(least, d), max(most, d)
		}
		location, boundary := oracleShape(t, k.cell)
		lines = append(lines, oracleLine{"trip_duration", fmt.Sprintf("%d-3600000-%s-%s", k.start, k.cell, k.airport), oracleDuration{
			Cell: k.cell.String(), Resolution: 8, Location: location, Boundary: boundary, AirportCode: k.airport, TripCount: int64(len(ms)),
			Sum: float64(sum) / 60000, Avg: float64(sum) / (60000 * float64(len(ms))), Min: float64(least) / 60000, Max: float64(most) / 60000,
			WindowStart: oracleTime(k.start), WindowEnd: oracleTime(k.start + 3_600_000), Timestamp: oracleTime(k.start + 3_600_000 - 1),
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
	return out.Bytes(), rejected
}

func oracleInCity(lat, lon float64) bool {
	return lat >= 40.560 && lat <= 40.878 && lon >= -74.054 && lon <= -73.722
}

func oracleAirport(lat, lon float64) string {
	if lat >= 40.632 && lat <= 40.654 && lon >= -73.800 && lon <= -73.761 {
		return "JFK"
	}
	if lat >= 40.766 && lat <= 40.778 && lon >= -73.881 && lon <= -73.859 {
		return "LGA"
	}
	return ""
}

func oracleFloor(at, size int64) int64 {
	return int64(math.Floor(float64(at)/float64(size))) * size
}

func oracleCell(t testing.TB, trip oracleTrip, resolution int) h3.Cell {
	t.Helper()
	c, err := h3.LatLngToCell(h3.NewLatLng(trip.pickupLat, trip.pickupLon), resolution)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func oracleShape(t testing.TB, c h3.Cell) (oracleLocation, oracleBoundary) {
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
	return oracleLocation{centre.Lat, centre.Lng}, oracleBoundary{"Polygon", [][][2]float64{ring}}
}

func oracleTime(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// diffLines names the first lines in which two exports differ.
func diffLines(got, want []byte) string {
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
