package trips

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"taxistream/internal/trip"
)

// rows gives the objects of a file, one after another: the lines, or the
// elements of an array.
type rows interface {
	next() ([]byte, error)
	number() int64 // of the one given last, from 1
}

// jsonReader reads trips as JSON: the wire form of this project, or the
// well-known reference's (pickup_latitude, …). Watermarks are skipped. Unlike
// on the stream, a time may lack its offset and a trip its id, numbers may stand
// in quotes, and the names may be any of those that CSV may have.
type jsonReader struct {
	lines rows
	stats *Stats
	event trip.Event
}

// Read implements Reader.
func (r *jsonReader) Read(t *trip.Trip) error {
	for {
		line, err := r.lines.next()
		switch {
		case err == io.EOF:
			return r.stats.end()
		case errors.Is(err, errLongLine):
			r.stats.bad(LongLine, r.lines.number(), line)
			continue
		case err != nil:
			return err
		case blank(line):
			continue
		}
		if err := trip.Decode(line, &r.event); err != nil {
			if reason := looseTrip(line, &r.event); reason != "" {
				r.stats.bad(reason, r.lines.number(), line)
				continue
			}
		} else if zeroPlace(&r.event) && bytes.Contains(line, zoneName) {
			if placed := r.event; looseTrip(line, &placed) == "" {
				r.event = placed
			}
		}
		if r.event.Kind == trip.KindWatermark {
			r.stats.Skipped++
			continue
		}
		*t = r.event.Trip
		if !t.HasAmount {
			t.TotalAmount = 0
		}
		unsignZeros(t)
		r.stats.good()
		return nil
	}
}

// zoneName is in every name of a zone's column, whatever its first letters.
var zoneName = []byte("ocation")

// zeroPlace reports whether a zone would place an end of the trip better.
func zeroPlace(e *trip.Event) bool {
	t := &e.Trip
	return e.Kind == trip.KindTrip && (t.PickupLat == 0 || t.PickupLon == 0 || t.DropoffLat == 0 || t.DropoffLon == 0)
}

// unsignZeros makes -0 the 0 that it equals, as parseNumber does.
func unsignZeros(t *trip.Trip) {
	t.PickupLat += 0
	t.PickupLon += 0
	t.DropoffLat += 0
	t.DropoffLon += 0
	t.TotalAmount += 0
}

// looseTrip reads what the stream would not take. Of two names of one column the
// first in the alphabet counts, as pickup_lat does on the stream.
func looseTrip(line []byte, ev *trip.Event) Reason {
	if !validText(line) {
		return NotUTF8
	}
	var values map[string]json.RawMessage
	if json.Unmarshal(line, &values) != nil || values == nil {
		return BadJSON
	}
	kind, ok := jsonText(values["type"])
	if !ok || len(kind) > 0 && string(kind) != "trip" {
		return BadJSON
	}
	var l layout
	var fields [numColumns][]byte
	for i := range l.at {
		l.at[i] = noColumn
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		c, known := columnNames[strings.ToLower(name)]
		if !known {
			continue
		}
		text, ok := jsonText(values[name])
		if !ok {
			return BadJSON
		}
		if len(text) > 0 && l.at[c] == noColumn {
			fields[c], l.at[c] = text, 0
		}
	}
	ev.Kind = trip.KindTrip
	if !l.findPlacing() {
		return BadJSON
	}
	if reason := l.trip(&fields, &ev.Trip); reason != "" {
		return reason
	}
	id, ok := jsonText(values["trip_id"])
	if !ok {
		return BadJSON
	}
	if len(id) > 0 {
		n, err := strconv.ParseInt(string(id), 10, 64)
		if err != nil || n <= 0 {
			return BadNumber
		}
		ev.Trip.ID = n
	}
	return ""
}

// jsonText is a string without its quotes, a number as it stands, nothing of
// null. Other values have none.
func jsonText(raw json.RawMessage) (text []byte, ok bool) {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil, true
	case raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return []byte(s), err == nil
	}
	return raw, raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'
}

// Stats implements Reader.
func (r *jsonReader) Stats() *Stats { return r.stats }

// Close implements Reader.
func (r *jsonReader) Close() error { return nil }
