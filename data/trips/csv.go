package trips

import (
	"errors"
	"io"

	"taxistream/internal/trip"
)

// csvReader reads the TLC's CSV: a line is a row, quotes are plain characters,
// columns are found by name, fields behind the named ones are ignored.
type csvReader struct {
	lines  lines
	layout layout
	stats  *Stats
	fields [numColumns][]byte
}

// Read implements Reader.
func (r *csvReader) Read(t *trip.Trip) error {
	for {
		line, err := r.lines.next()
		switch {
		case err == io.EOF:
			return r.stats.end()
		case errors.Is(err, errLongLine):
			r.stats.bad(LongLine, r.lines.row, line)
			continue
		case err != nil:
			return err
		case blank(line):
			continue
		}
		if reason := r.row(line, t); reason != "" {
			r.stats.bad(reason, r.lines.row, line)
			continue
		}
		r.stats.good()
		return nil
	}
}

func (r *csvReader) row(line []byte, t *trip.Trip) Reason {
	if reason := split(line, r.layout.slots, &r.fields); reason != "" {
		return reason
	}
	*t = trip.Trip{}
	var ok bool
	if t.Pickup, ok = parseClock(r.fields[colPickup]); !ok {
		return BadTime
	}
	if t.Dropoff, ok = parseClock(r.fields[colDropoff]); !ok {
		return BadTime
	}
	if reason := r.places(t); reason != "" {
		return reason
	}
	if r.layout.at[colTotal] != noColumn && !blank(r.fields[colTotal]) {
		var reason Reason
		if t.TotalAmount, reason = parseNumber(r.fields[colTotal]); reason != "" {
			return reason
		}
		t.HasAmount = true
	}
	return ""
}

func (r *csvReader) places(t *trip.Trip) Reason {
	switch r.layout.placing {
	case byEither:
		return r.layout.place(t, func(c int) (float64, Reason) { return parseNumber(r.fields[c]) })
	case byZones:
		from, reason := zone(r.fields[colPickupZone])
		if reason != "" {
			return reason
		}
		to, reason := zone(r.fields[colDropoffZone])
		t.PickupLat, t.PickupLon, t.DropoffLat, t.DropoffLon = from.lat, from.lon, to.lat, to.lon
		return reason
	}
	return coordinates(t, r.fields[colPickupLat], r.fields[colPickupLon], r.fields[colDropoffLat], r.fields[colDropoffLon])
}

func coordinates(t *trip.Trip, pickupLat, pickupLon, dropoffLat, dropoffLon []byte) (reason Reason) {
	if t.PickupLat, reason = parseNumber(pickupLat); reason != "" {
		return reason
	}
	if t.PickupLon, reason = parseNumber(pickupLon); reason != "" {
		return reason
	}
	if t.DropoffLat, reason = parseNumber(dropoffLat); reason != "" {
		return reason
	}
	t.DropoffLon, reason = parseNumber(dropoffLon)
	return reason
}

// zone reads a zone number, which some files write as 132.0, and gives its point.
func zone(field []byte) (point, Reason) {
	n, reason := parseNumber(field)
	if reason != "" {
		return point{}, reason
	}
	return zoneAt(n)
}

func zoneAt(n float64) (point, Reason) {
	p, ok := zonePoints()[int64(n)]
	if !ok || n != float64(int64(n)) {
		return point{}, UnknownZone
	}
	return p, ""
}

// Stats implements Reader.
func (r *csvReader) Stats() *Stats { return r.stats }

// Close implements Reader.
func (r *csvReader) Close() error { return nil }
