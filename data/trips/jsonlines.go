package trips

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"taxistream/internal/trip"
)

// jsonReader reads a trip a line as JSON: the wire form of this project, or the
// well-known reference's (pickup_latitude, …). Watermarks are skipped. Unlike
// on the stream, a time may lack its offset and a trip its id.
type jsonReader struct {
	lines lines
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
			r.stats.bad(LongLine, r.lines.row, line)
			continue
		case err != nil:
			return err
		case blank(line):
			continue
		}
		if err := trip.Decode(line, &r.event); err != nil {
			if reason := looseTrip(line, &r.event); reason != "" {
				r.stats.bad(reason, r.lines.row, line)
				continue
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

// unsignZeros makes -0 the 0 that it equals, as parseNumber does.
func unsignZeros(t *trip.Trip) {
	t.PickupLat += 0
	t.PickupLon += 0
	t.DropoffLat += 0
	t.DropoffLon += 0
	t.TotalAmount += 0
}

// looseTrip reads a trip whose times have no offset or that has no id, by
// giving it what the stream asks for.
func looseTrip(line []byte, ev *trip.Event) Reason {
	if !validText(line) {
		return NotUTF8
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(line, &fields) != nil || fields == nil {
		return BadJSON
	}
	for _, name := range []string{"pickup_datetime", "dropoff_datetime"} {
		var text string
		if json.Unmarshal(fields[name], &text) != nil {
			return BadTime
		}
		ms, ok := parseClock([]byte(text))
		if !ok {
			return BadTime
		}
		fields[name] = strconv.AppendQuote(nil, string(trip.AppendTime(nil, ms)))
	}
	raw, has := fields["trip_id"]
	has = has && string(raw) != "null"
	if !has {
		fields["trip_id"] = json.RawMessage("1")
	}
	full, err := json.Marshal(fields)
	if err != nil || trip.Decode(full, ev) != nil {
		return BadJSON
	}
	if !has {
		ev.Trip.ID = 0
	}
	return ""
}

// Stats implements Reader.
func (r *jsonReader) Stats() *Stats { return r.stats }

// Close implements Reader.
func (r *jsonReader) Close() error { return nil }
