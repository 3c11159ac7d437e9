package trips

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"taxistream/internal/trip"
)

// ridesReader reads the Flink training rides: no head; ride id, START or END,
// event time, other time, start lon, start lat, end lon, end lat, … The END row
// is the trip: its event time is the dropoff, its other time the pickup.
type ridesReader struct {
	lines *lines
	stats *Stats
}

const rideFields = 8

// isRide reports whether a line looks like a ride.
func isRide(line []byte) bool {
	f := bytes.SplitN(line, []byte{','}, rideFields+1)
	return len(f) >= rideFields && (string(f[1]) == "START" || string(f[1]) == "END")
}

// Read implements Reader.
func (r *ridesReader) Read(t *trip.Trip) error {
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
		skip, reason := ride(line, t)
		switch {
		case skip:
			r.stats.Skipped++
		case reason != "":
			r.stats.bad(reason, r.lines.row, line)
		default:
			r.stats.good()
			return nil
		}
	}
}

func ride(line []byte, t *trip.Trip) (skip bool, reason Reason) {
	if !validText(line) {
		return false, NotUTF8
	}
	var f [rideFields][]byte
	more := true
	for i := range f {
		if !more {
			return false, FewFields
		}
		f[i], line, more = cut(line)
	}
	switch string(f[1]) {
	case "START":
		return true, ""
	case "END":
	default:
		return false, FewFields
	}
	*t = trip.Trip{}
	var err error
	if t.ID, err = strconv.ParseInt(string(f[0]), 10, 64); err != nil || t.ID <= 0 {
		return false, BadNumber
	}
	if t.Dropoff, reason = parseClock(f[2]); reason != "" {
		return false, reason
	}
	if t.Pickup, reason = parseClock(f[3]); reason != "" {
		return false, reason
	}
	return false, coordinates(t, f[5], f[4], f[7], f[6])
}

// cut returns what stands before the first comma and behind it, and whether there was one.
func cut(line []byte) (field, rest []byte, found bool) {
	if at := bytes.IndexByte(line, ','); at >= 0 {
		return line[:at], line[at+1:], true
	}
	return line, nil, false
}

// Stats implements Reader.
func (r *ridesReader) Stats() *Stats { return r.stats }

// Close implements Reader.
func (r *ridesReader) Close() error { return nil }
