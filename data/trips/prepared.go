package trips

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"taxistream/internal/trip"
)

// PreparedVersion is the form of prepared files: a zstd file of wire events,
// sorted by event time, behind one line that says so.
const PreparedVersion = 1

// Head is the first line of a prepared file.
type Head struct {
	Prepared int    `json:"prepared"` // PreparedVersion
	Order    string `json:"order"`    // "event_time"
	Trips    int64  `json:"trips"`
	First    string `json:"first,omitempty"` // first and last event time
	Last     string `json:"last,omitempty"`
}

// preparedReader holds a prepared file to what its head says, so that one that
// lost its end is not taken for a whole one.
type preparedReader struct {
	*jsonReader
	promised int64
}

// Read implements Reader.
func (r *preparedReader) Read(t *trip.Trip) error {
	err := r.jsonReader.Read(t)
	if err == io.EOF && r.stats.Trips != r.promised {
		return fmt.Errorf("%d trips where the head says %d: the file is cut off or damaged; prepare it again", r.stats.Trips, r.promised)
	}
	return err
}

// AppendHead appends the line, with its newline.
func AppendHead(b []byte, h Head) []byte {
	line, _ := json.Marshal(h) // plain strings and numbers cannot fail
	return append(append(b, line...), '\n')
}

// headStart begins the line.
var headStart = []byte(`{"prepared":`)

// parseHead reads the line, if it is one.
func parseHead(line []byte) (Head, bool, error) {
	if !bytes.HasPrefix(line, headStart) {
		return Head{}, false, nil
	}
	var h Head
	if err := json.Unmarshal(line, &h); err != nil {
		return Head{}, false, fmt.Errorf("head of a prepared file: %w", err)
	}
	if h.Prepared != PreparedVersion || h.Order != "event_time" {
		return Head{}, false, fmt.Errorf("prepared in form %d by %q, this program reads form %d by event_time: prepare it again", h.Prepared, h.Order, PreparedVersion)
	}
	return h, true, nil
}
