package results

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
)

// Rejected is a reject read back.
type Rejected struct {
	ID        string     `json:"-"`
	Reason    string     `json:"reason"`
	Detail    string     `json:"detail"`
	Record    []byte     `json:"record"`
	Shard     string     `json:"shard"`
	Sequence  string     `json:"sequence_number"`
	EventTime *time.Time `json:"event_time"` // nil: not known
	Timestamp time.Time  `json:"timestamp"`  // the record's arrival
}

// ReadReject reads a document of taxi_rejects.
func ReadReject(h opensearch.Hit) (Rejected, error) {
	r := Rejected{ID: h.ID}
	if err := json.Unmarshal(h.Source, &r); err != nil {
		return r, fmt.Errorf("reject %s: %w", h.ID, err)
	}
	return r, nil
}

// Refused is the document that an unwritable reject under prefix stands for, as it was
// refused: its index and id are in the reject's, its version is the number of its trips.
func (r *Rejected) Refused(prefix string) (opensearch.Document, error) {
	wrong := fmt.Errorf("reject %s stands for no document under the index prefix %q", r.ID, prefix)
	for _, alias := range []string{names.PickupCount, names.TripDuration} {
		rest, ours := strings.CutPrefix(r.ID, prefix+alias+"-")
		if !ours || len(rest) < len("2016.01-") {
			continue
		}
		index := prefix + alias + "-" + rest[:len("2016.01")]
		id := rest[len("2016.01-"):]
		if _, ok := ParseID(id); !ok || !monthly(index, prefix+alias) {
			return opensearch.Document{}, wrong
		}
		source, err := ReadSource(r.Record)
		version := max(source.PickupCount, source.TripCount)
		if err != nil || version < 1 {
			return opensearch.Document{}, fmt.Errorf("reject %s: its record is no document", r.ID)
		}
		return opensearch.Document{Index: index, ID: id, Version: version, Source: r.Record}, nil
	}
	return opensearch.Document{}, wrong
}
