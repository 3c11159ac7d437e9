package app

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"taxistream/data/zones"
	"taxistream/internal/flags"
	"taxistream/internal/geo"
)

// place is somewhere in the city, as a command line names it: a neighbourhood, coordinates
// or a cell.
type place struct {
	name     string
	zone     *zones.Shape // a neighbourhood; nil: a point
	cell     geo.Cell     // that was named; 0: none
	lat, lon float64
}

// parsePlace reads "40.7580,-73.9855", the id of a cell, or a neighbourhood's name, of which
// a part that no other has is enough.
func parsePlace(text string) (place, error) {
	if a, b, ok := strings.Cut(text, ","); ok {
		lat, err := strconv.ParseFloat(strings.TrimSpace(a), 64)
		lon, err2 := strconv.ParseFloat(strings.TrimSpace(b), 64)
		if err == nil && err2 == nil {
			return pointAt(text, lat, lon)
		}
	}
	if cell, err := geo.ParseCell(text); err == nil {
		lat, lon, err := cell.Center()
		return place{name: text, cell: cell, lat: lat, lon: lon}, err
	}
	return zoneNamed(text)
}

func pointAt(text string, lat, lon float64) (place, error) {
	if !geo.InCity(lat, lon) {
		hint := ""
		if geo.InCity(lon, lat) {
			hint = ": latitude comes first"
		}
		return place{}, fmt.Errorf("%s is outside the city%s", text, hint)
	}
	name := text
	if zone, borough, ok := zones.Zone(lat, lon); ok {
		name += " (" + zone + ", " + borough + ")"
	}
	return place{name: name, lat: lat, lon: lon}, nil
}

func zoneNamed(text string) (place, error) {
	all := zones.All()
	var found []*zones.Shape
	known := make([]string, len(all))
	for i := range all {
		z := &all[i]
		known[i] = z.Name
		if strings.EqualFold(z.Name, text) {
			found = []*zones.Shape{z}
			break
		}
		if text != "" && strings.Contains(strings.ToLower(z.Name), strings.ToLower(text)) {
			found = append(found, z)
		}
	}
	const listed = 5
	switch {
	case len(found) == 1:
		return place{name: found[0].Name + ", " + found[0].Borough, zone: found[0]}, nil
	case len(found) == 0:
		return place{}, fmt.Errorf("no place %q%s: write a neighbourhood's name, coordinates as 40.7580,-73.9855, or a cell", text, flags.DidYouMean("", text, known))
	}
	var names []string
	for _, z := range found[:min(len(found), listed)] {
		names = append(names, z.Name)
	}
	if len(found) > listed {
		names = append(names, "…")
	}
	return place{}, fmt.Errorf("%q is the name of several places: %s", text, strings.Join(names, ", "))
}

// zoneStep is less than a cell of resolution 9 is wide, in microdegrees.
const zoneStep = 500

// cells are those of a resolution that belong to the place: those whose centre lies in the
// neighbourhood, or the one that holds the point.
func (p *place) cells(resolution int) ([]string, error) {
	if p.cell != 0 && p.cell.Resolution() == resolution {
		return []string{p.cell.String()}, nil
	}
	if p.zone == nil {
		cell, err := geo.CellAt(p.lat, p.lon, resolution)
		return []string{cell.String()}, err
	}
	var ids []string
	seen := make(map[geo.Cell]bool)
	for lat := p.zone.Min.Lat; lat <= p.zone.Max.Lat; lat += zoneStep {
		for lon := p.zone.Min.Lon; lon <= p.zone.Max.Lon; lon += zoneStep {
			cell, err := geo.CellAt(float64(lat)/1e6, float64(lon)/1e6, resolution)
			if err != nil {
				return nil, err
			}
			if seen[cell] {
				continue
			}
			seen[cell] = true
			la, lo, err := cell.Center()
			if err != nil {
				return nil, err
			}
			if p.zone.Contains(zones.Point{Lon: int32(math.Round(lo * 1e6)), Lat: int32(math.Round(la * 1e6))}) {
				ids = append(ids, cell.String())
			}
		}
	}
	if len(ids) == 0 { // smaller than a cell: the one in its middle
		cell, err := geo.CellAt(float64(p.zone.Min.Lat+p.zone.Max.Lat)/2e6, float64(p.zone.Min.Lon+p.zone.Max.Lon)/2e6, resolution)
		return []string{cell.String()}, err
	}
	return ids, nil
}
