package trips

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed zones.csv
var zonesCSV string

type point struct{ lat, lon float64 }

// zonePoints holds the inside point of each taxi zone by its number.
var zonePoints = sync.OnceValue(func() map[int64]point {
	points := make(map[int64]point)
	for line := range strings.Lines(zonesCSV) {
		f := strings.Split(strings.TrimSpace(line), ",")
		id, err := strconv.ParseInt(f[0], 10, 64)
		if err != nil || len(f) != 3 {
			continue // head and comments
		}
		lat, errLat := strconv.ParseFloat(f[1], 64)
		lon, errLon := strconv.ParseFloat(f[2], 64)
		if errLat != nil || errLon != nil {
			panic("trips: zones.csv: " + line)
		}
		points[id] = point{lat, lon}
	}
	return points
})

// zonesByPoint are the inside points themselves.
var zonesByPoint = sync.OnceValue(func() map[point]bool {
	points := make(map[point]bool)
	for _, p := range zonePoints() {
		points[p] = true
	}
	return points
})
