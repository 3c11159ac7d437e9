package trips

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"taxistream/internal/trip"
)

// csvReader reads the TLC's CSV: a line is a row, columns are found by name,
// fields behind the named ones are ignored. Quotes are plain characters, unless
// the names in the header stand in quotes: then they may stand around any field.
type csvReader struct {
	lines  *lines
	layout layout
	stats  *Stats
	fields [numColumns][]byte
}

// separators are what may stand between two fields.
const separators = ",;\t|"

// openCSV reads the header.
func openCSV(l *lines, stats *Stats) (Reader, error) {
	line, err := headerLine(l)
	if err != nil {
		return nil, err
	}
	layout, err := newHeader(string(line))
	if err != nil {
		return nil, err
	}
	stats.Format = "TLC CSV with " + layout.placing.String()
	return &csvReader{lines: l, layout: layout, stats: stats}, nil
}

// headerLine is the first line that is not blank, behind the line in which Excel
// may name the separator.
func headerLine(l *lines) ([]byte, error) {
	for {
		line, err := l.next()
		switch {
		case err == io.EOF:
			return nil, errors.New("no header")
		case err != nil:
			return nil, err
		case !validText(line) || bytes.IndexByte(line, 0) >= 0:
			return nil, errors.New("neither CSV, JSON nor Parquet: the first line is not text")
		case !blank(line) && !(len(line) == 5 && begins(line, "sep=")):
			return line, nil
		}
	}
}

// newHeader finds the separator with which the line has the names of a trip.
func newHeader(line string) (layout, error) {
	quoted := strings.ContainsRune(line, '"')
	var first error
	for _, separator := range separators {
		names := strings.Split(line, string(separator))
		for i := range names {
			if name := strings.TrimSpace(names[i]); quoted && len(name) > 1 && name[0] == '"' && name[len(name)-1] == '"' {
				names[i] = name[1 : len(name)-1]
			}
		}
		l, err := newLayout(names)
		if err == nil {
			l.separator, l.quoted = byte(separator), quoted
			return l, nil
		}
		if first == nil {
			first = err
		}
	}
	return layout{}, first
}

// Read implements Reader.
func (r *csvReader) Read(t *trip.Trip) error {
	for {
		line, err := r.lines.next()
		switch {
		case err == io.EOF:
			return r.end()
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

// end is that of the rows, with what helps where all are bad for their quotes.
func (r *csvReader) end() error {
	err := r.stats.end()
	if err != io.EOF && !r.layout.quoted && strings.Contains(err.Error(), `\"`) {
		err = fmt.Errorf("%w; there are quotes around values, and none around the names in the header, so that they are plain characters; "+
			`take them off: sed 's/"//g' FILE`, err)
	}
	return err
}

func (r *csvReader) row(line []byte, t *trip.Trip) Reason {
	l := &r.layout
	var reason Reason
	if l.quoted && bytes.IndexByte(line, '"') >= 0 {
		reason = splitQuoted(line, l, &r.fields)
	} else {
		reason = split(line, l.separator, l.slots, &r.fields)
	}
	if reason != "" {
		return reason
	}
	if l.separator != ',' && bytes.IndexByte(line, ',') >= 0 {
		for _, c := range [...]int{colPickupLon, colPickupLat, colDropoffLon, colDropoffLat, colTotal} {
			r.fields[c] = decimalPoint(r.fields[c])
		}
	}
	return l.trip(&r.fields, t)
}

// trip makes a trip of the texts of its columns.
func (l *layout) trip(fields *[numColumns][]byte, t *trip.Trip) (reason Reason) {
	*t = trip.Trip{}
	if t.Pickup, reason = parseClock(fields[colPickup]); reason != "" {
		return reason
	}
	if t.Dropoff, reason = parseClock(fields[colDropoff]); reason != "" {
		return reason
	}
	if reason := l.places(fields, t); reason != "" {
		return reason
	}
	if l.at[colTotal] != noColumn && !blank(fields[colTotal]) {
		if t.TotalAmount, reason = parseNumber(fields[colTotal]); reason != "" {
			return reason
		}
		t.HasAmount = true
	}
	return ""
}

func (l *layout) places(fields *[numColumns][]byte, t *trip.Trip) Reason {
	switch l.placing {
	case byEither:
		return l.place(t, func(c int) (float64, Reason) { return parseNumber(fields[c]) })
	case byZones:
		from, reason := zone(fields[colPickupZone])
		if reason != "" {
			return reason
		}
		to, reason := zone(fields[colDropoffZone])
		t.PickupLat, t.PickupLon, t.DropoffLat, t.DropoffLon = from.lat, from.lon, to.lat, to.lon
		return reason
	}
	return coordinates(t, fields[colPickupLat], fields[colPickupLon], fields[colDropoffLat], fields[colDropoffLon])
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
