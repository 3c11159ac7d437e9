package zones

import (
	"fmt"
	"strconv"
	"strings"
)

// microPerUnit: outlines.txt counts in 1e-5 degrees, as its source does.
const microPerUnit = 10

// parse reads the table of outlines: one zone a line, its fields separated by
// tabs: LocationID, borough, name, rings. Rings are separated by ";", a ring is
// "lon lat" of its first point and then the steps to each next point, all in
// units of 1e-5 degrees. Lines that begin with # are comments.
func parse(text string) ([]Shape, error) {
	var shapes []Shape
	for n, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		s, err := parseShape(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		if k := len(shapes); k > 0 && shapes[k-1].ID >= s.ID {
			return nil, fmt.Errorf("line %d: zone %d after zone %d", n+1, s.ID, shapes[k-1].ID)
		}
		shapes = append(shapes, s)
	}
	return shapes, nil
}

func parseShape(line string) (Shape, error) {
	fields := strings.Split(line, "\t")
	if len(fields) != 4 {
		return Shape{}, fmt.Errorf("%d fields, want 4", len(fields))
	}
	id, err := strconv.Atoi(fields[0])
	if err != nil {
		return Shape{}, fmt.Errorf("zone id: %w", err)
	}
	s := Shape{ID: id, Borough: fields[1], Name: fields[2]}
	for _, text := range strings.Split(fields[3], ";") {
		ring, err := parseRing(text)
		if err != nil {
			return Shape{}, fmt.Errorf("zone %d: %w", id, err)
		}
		s.Rings = append(s.Rings, ring)
	}
	s.Min, s.Max = bounds(s.Rings)
	return s, nil
}

func parseRing(text string) ([]Point, error) {
	numbers := strings.Fields(text)
	if len(numbers) < 6 || len(numbers)%2 != 0 {
		return nil, fmt.Errorf("ring of %d numbers, want an even number from 6", len(numbers))
	}
	ring := make([]Point, 0, len(numbers)/2)
	var lon, lat int64
	for i := 0; i < len(numbers); i += 2 {
		x, errX := strconv.ParseInt(numbers[i], 10, 32)
		y, errY := strconv.ParseInt(numbers[i+1], 10, 32)
		if errX != nil || errY != nil {
			return nil, fmt.Errorf("point %q %q is not a pair of integers", numbers[i], numbers[i+1])
		}
		lon, lat = lon+x, lat+y
		if lon < -18_000_000 || lon > 18_000_000 || lat < -9_000_000 || lat > 9_000_000 {
			return nil, fmt.Errorf("point %d %d is off the globe", lon, lat)
		}
		ring = append(ring, Point{Lon: int32(lon * microPerUnit), Lat: int32(lat * microPerUnit)})
	}
	return ring, nil
}

func bounds(rings [][]Point) (lo, hi Point) {
	lo, hi = rings[0][0], rings[0][0]
	for _, ring := range rings {
		for _, p := range ring {
			lo.Lon, hi.Lon = min(lo.Lon, p.Lon), max(hi.Lon, p.Lon)
			lo.Lat, hi.Lat = min(lo.Lat, p.Lat), max(hi.Lat, p.Lat)
		}
	}
	return lo, hi
}
