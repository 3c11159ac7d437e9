package generate_test

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/data/zones"
)

var update = flag.Bool("update", false, "write the committed tables anew from the shared data")

const pairsHead = `# Where trips begin and end, for package generate; tables.go describes the format.
# Source: NYC Taxi and Limousine Commission, yellow taxi trip records, random samples of 10,000 of each month
# from 2018-01 to 2020-02. Zones are the commission's LocationIDs; without Staten Island and Newark.
# pickup zone, dropoff zone, trips in each day part: night 0-6, weekday 6-10, 10-16, 16-20, late 20-24, weekend 6-20
`

const cellsHead = `# Where in a zone trips begin and end, for package generate; tables.go describes the format.
# Source: NYC Taxi and Limousine Commission, trip records with coordinates: yellow 2009-01, 2013-01-01 and 2015-01-15,
# green 2013-08 (samples). One square of 0.001 degrees of one zone a group.
# zone: row (1000*lat), column (1000*lon) relative to 40500, -74300, pickups, dropoffs; squares with one trip left out
`

// rarePair: pairs of zones with fewer trips are pooled, or the table would be mostly noise.
const rarePair = 3

// Ensure that the committed tables are their sources and nothing else.
func TestTablesMatchSamples(t *testing.T) {
	needSamples(t)
	if raceEnabled {
		t.Skip("make check-generated compares the tables; no goroutine is in it, and the race detector takes fifteen times as long")
	}
	for name, want := range map[string]string{"pairs.txt": derivePairs(t), "cells.txt": deriveCells(t)} {
		if *update {
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what its sources give; look at the sources, then run this test with -update", name)
		}
	}
}

func dayPart(s *sample) int {
	switch h := s.dropoff.Hour(); {
	case h < 6:
		return 0
	case h >= 20:
		return 4
	case s.weekend():
		return 5
	case h < 10:
		return 1
	case h < 16:
		return 2
	}
	return 3
}

// usable maps a LocationID to one that has a shape, or to 0.
func usable() func(id int) int {
	known := map[int]bool{}
	for _, s := range zones.All() {
		known[s.ID] = s.Borough != "Staten Island" && s.Borough != "EWR"
	}
	return func(id int) int {
		switch id { // numbered apart in the trips, one shape in the outlines
		case 57:
			id = 56
		case 104, 105:
			id = 103
		}
		if !known[id] {
			return 0
		}
		return id
	}
}

func derivePairs(t *testing.T) string {
	t.Helper()
	type pair struct{ pickup, drop int }
	counts := map[pair]*[6]int{}
	use := usable()
	for _, s := range pooled2018(t) {
		p := pair{use(s.pickupZone), use(s.dropZone)}
		if p.pickup == 0 || p.drop == 0 || s.duration() < time.Minute || s.duration() > 6*time.Hour {
			continue
		}
		if counts[p] == nil {
			counts[p] = new([6]int)
		}
		counts[p][dayPart(&s)]++
	}
	var text strings.Builder
	text.WriteString(pairsHead)
	rare := map[int]*[2]int{}
	for _, p := range slices.SortedFunc(maps.Keys(counts), func(a, b pair) int {
		return (a.pickup-b.pickup)*1000 + a.drop - b.drop
	}) {
		c := counts[p]
		total := c[0] + c[1] + c[2] + c[3] + c[4] + c[5]
		if total >= rarePair {
			fmt.Fprintln(&text, p.pickup, p.drop, c[0], c[1], c[2], c[3], c[4], c[5])
			continue
		}
		for side, zone := range []int{p.pickup, p.drop} {
			if rare[zone] == nil {
				rare[zone] = new([2]int)
			}
			rare[zone][side] += total
		}
	}
	fmt.Fprintf(&text, "# all pairs of fewer than %d trips together: zone, pickups, dropoffs\n", rarePair)
	for _, zone := range slices.Sorted(maps.Keys(rare)) {
		fmt.Fprintln(&text, zone, rare[zone][0], rare[zone][1])
	}
	return text.String()
}

func deriveCells(t *testing.T) string {
	t.Helper()
	type cell struct{ row, column int }
	counts := map[int]map[cell]*[2]int{}
	add := func(lat, lon float64, side int) {
		zone := zoneAt(lat, lon)
		if zone == 0 {
			return
		}
		c := cell{int(math.Floor(lat*1000)) - 40500, int(math.Floor(lon*1000)) + 74300}
		if counts[zone] == nil {
			counts[zone] = map[cell]*[2]int{}
		}
		if counts[zone][c] == nil {
			counts[zone][c] = new([2]int)
		}
		counts[zone][c][side]++
	}
	for name, l := range map[string]layout{
		"yellow-2015-01-15-sample.csv.gz": yellow2015, "hotzone/point-hotzone.csv.gz": hotzone2009,
		"flink-rides-2013-01-01.csv.gz": rides2013, "green_tripdata_2013-08.csv.gz": green2013,
	} {
		for _, s := range read(t, filepath.Join(sharedData(t), name), l) {
			add(s.pickupLat, s.pickupLon, 0)
			add(s.dropLat, s.dropLon, 1)
		}
	}
	var text strings.Builder
	text.WriteString(cellsHead)
	for _, zone := range slices.Sorted(maps.Keys(counts)) {
		cells := counts[zone]
		var squares []string
		for _, c := range slices.SortedFunc(maps.Keys(cells), func(a, b cell) int {
			return (a.row-b.row)*1000 + a.column - b.column
		}) {
			if n := cells[c]; n[0]+n[1] > 1 {
				squares = append(squares, fmt.Sprint(c.row, " ", c.column, " ", n[0], " ", n[1]))
			}
		}
		if len(squares) > 0 {
			fmt.Fprintf(&text, "%d: %s\n", zone, strings.Join(squares, ", "))
		}
	}
	return text.String()
}
