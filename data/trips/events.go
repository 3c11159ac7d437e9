package trips

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"taxistream/internal/trip"
)

// Malformed is the reason of event lines that the processor would reject as such.
const Malformed = Reason(trip.ReasonMalformed)

// archived begins the name of a folder of the archive: it keeps events by day.
const archived = "event_date="

// eventLines tells whether what begins with a line are events as they were on the stream, one in
// each line: the line names its type, or the file lies in the archive. A trip in JSON that does
// not say that it is one is a row of a trip file.
func eventLines(name string, first []byte) bool {
	if first[0] != '{' || bytes.HasPrefix(first, headStart) {
		return false
	}
	for part := range strings.SplitSeq(filepath.ToSlash(name), "/") {
		if strings.HasPrefix(part, archived) {
			return true
		}
	}
	var fields map[string]json.RawMessage
	return json.Unmarshal(first, &fields) == nil && len(fields["type"]) > 0
}

// eventReader reads events by the processor's decoder: what it takes counts, and all else is
// malformed. Watermarks are skipped. Only a line feed ends a line: white space within a record may hold the rest.
type eventReader struct {
	lines *lines
	stats *Stats
	event trip.Event
}

func newEventReader(l *lines, stats *Stats) *eventReader {
	stats.Format = "JSON lines of events"
	l.verbatim = true
	return &eventReader{lines: l, stats: stats}
}

// Read implements Reader.
func (r *eventReader) Read(t *trip.Trip) error {
	for {
		line, err := r.lines.next()
		switch {
		case err == io.EOF: // also where all are malformed: other files hold more
			return io.EOF
		case err != nil && !errors.Is(err, errLongLine):
			return err
		case err == nil && blank(line):
			continue
		case err != nil || trip.Decode(line, &r.event) != nil:
			r.stats.bad(Malformed, r.lines.number(), line)
		case r.event.Kind == trip.KindWatermark:
			r.stats.Skipped++
		default:
			*t = r.event.Trip
			if !t.HasAmount {
				t.TotalAmount = 0
			}
			unsignZeros(t)
			r.stats.good()
			return nil
		}
	}
}

// Stats implements Reader.
func (r *eventReader) Stats() *Stats { return r.stats }

// Close implements Reader.
func (r *eventReader) Close() error { return nil }
