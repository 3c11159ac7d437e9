package trip

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// Decode reads one record of the stream: one JSON object (RFC 8259) as the
// contract describes it, white space around it allowed. An error means that the
// record is `malformed` and ev undefined; its text names the part that is wrong
// in one short printable line, fit for a reject's detail.
//
// What the contract leaves open: of both spellings of a place the short one
// counts, unless it is null; a name may be written with escapes; nesting deeper
// than encoding/json's 10,000 levels, bytes that are not UTF-8, a 24th hour, a
// 60th second and t or z in lower case are malformed.
//
// A record as AppendTrip writes it takes one straight pass, other usual forms a
// scan by name, both without allocation. The rest, and every error, goes to a
// slow, obvious decoder, with which the others agree on every input (fuzz test).
func Decode(data []byte, ev *Event) error {
	if decodeWire(data, ev) || decodeFast(data, ev) {
		return nil
	}
	return decodeSlow(data, ev)
}

var integer = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

func decodeSlow(data []byte, ev *Event) error {
	body := bytes.Trim(data, " \t\r\n")
	if len(body) == 0 || body[0] != '{' {
		return errors.New("not a JSON object")
	}
	if !utf8.Valid(body) {
		return errors.New("not UTF-8")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return fmt.Errorf("not one JSON object: %w", err)
	}
	for name, raw := range fields {
		if string(raw) == "null" {
			delete(fields, name)
		}
	}
	kind := "trip"
	if raw, ok := fields["type"]; ok {
		if json.Unmarshal(raw, &kind) != nil {
			return errors.New("type is not a string")
		}
	}
	switch kind {
	case "trip":
		ev.Kind = KindTrip
		return slowTrip(fields, &ev.Trip)
	case "watermark":
		ev.Kind = KindWatermark
		at, err := slowInstant(fields, "watermark")
		ev.Watermark = at
		return err
	}
	return fmt.Errorf("type %q is neither trip nor watermark", clip(kind))
}

func slowTrip(fields map[string]json.RawMessage, t *Trip) error {
	*t = Trip{}
	raw, ok := fields["trip_id"]
	if !ok {
		return errors.New("trip_id is missing")
	}
	if !isNumber(raw) {
		return errors.New("trip_id is not a number")
	}
	id, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || !integer.Match(raw) || id <= 0 {
		return fmt.Errorf("trip_id %s is not a positive 64-bit integer", clip(string(raw)))
	}
	t.ID = id
	var places [4]float64 // not pointers into t, which would put every caller's event on the heap
	for i, c := range [...]struct{ name, long string }{
		{"pickup_lat", "pickup_latitude"},
		{"pickup_lon", "pickup_longitude"},
		{"dropoff_lat", "dropoff_latitude"},
		{"dropoff_lon", "dropoff_longitude"},
	} {
		raw, ok := fields[c.name]
		if !ok {
			raw, ok = fields[c.long]
		}
		if !ok {
			return fmt.Errorf("%s is missing", c.name)
		}
		if places[i], err = slowNumber(c.name, raw); err != nil {
			return err
		}
	}
	t.PickupLat, t.PickupLon, t.DropoffLat, t.DropoffLon = places[0], places[1], places[2], places[3]
	if raw, ok := fields["total_amount"]; ok {
		t.HasAmount = true
		if t.TotalAmount, err = slowNumber("total_amount", raw); err != nil {
			return err
		}
	}
	if t.Pickup, err = slowInstant(fields, "pickup_datetime"); err != nil {
		return err
	}
	t.Dropoff, err = slowInstant(fields, "dropoff_datetime")
	return err
}

// isNumber tells a number from other JSON values; a number is safe to show.
func isNumber(raw json.RawMessage) bool { return raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' }

func slowNumber(name string, raw json.RawMessage) (float64, error) {
	if !isNumber(raw) {
		return 0, fmt.Errorf("%s is not a number", name)
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, fmt.Errorf("%s %s is not finite", name, clip(string(raw)))
	}
	return f, nil
}

func slowInstant(fields map[string]json.RawMessage, name string) (int64, error) {
	raw, ok := fields[name]
	if !ok {
		return 0, fmt.Errorf("%s is missing", name)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return 0, fmt.Errorf("%s is not a string", name)
	}
	at, err := ParseTime(s)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return at, nil
}
