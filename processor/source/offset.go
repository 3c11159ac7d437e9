package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/kinesis"
)

func parseOffset(offset []byte) (kinesis.Position, error) {
	version, place, _ := strings.Cut(string(offset), ":")
	if version != offsetVersion && version != oldOffsetVersion {
		return kinesis.Position{}, fmt.Errorf("the checkpoint's offset %q is of another version", offset)
	}
	place, read, known := strings.Cut(place, ";")
	at := kinesis.Position{Kind: types.ShardIteratorTypeAfterSequenceNumber, Sequence: place}
	var err, unread error
	if moment, ok := strings.CutPrefix(place, momentMark); ok {
		at = kinesis.Position{Kind: types.ShardIteratorTypeAtTimestamp}
		at.Time, err = parseMoment(moment)
	}
	if known || version == offsetVersion {
		at.ReadTo, unread = parseMoment(read)
	}
	if err := errors.Join(err, unread); err != nil {
		return kinesis.Position{}, fmt.Errorf("the checkpoint's offset %q is damaged: %w", offset, err)
	}
	return at, nil
}

// PlaceOf is where an offset stands, for people: a sequence number, or a moment; "": at the start.
func PlaceOf(offset []byte) string {
	at, err := parseOffset(offset)
	switch {
	case len(offset) == 0:
		return ""
	case err != nil:
		return string(offset)
	case at.Kind == types.ShardIteratorTypeAtTimestamp:
		return at.Time.UTC().Format(time.RFC3339)
	}
	return at.Sequence
}

func parseMoment(ms string) (time.Time, error) {
	n, err := strconv.ParseInt(ms, 10, 64)
	return time.UnixMilli(n), err
}

// formatOffset is an offset in a checkpoint: the version; the sequence number of the last record
// read, or the mark and the moment of the start (ms); and the moment (ms) until which all that
// had come is read.
func formatOffset(place string, readTo time.Time) []byte {
	return fmt.Appendf(nil, "%s:%s;%d", offsetVersion, place, readTo.UnixMilli())
}

// placeOf is a position as offsets name it; "": they do not.
func placeOf(p kinesis.Position) string {
	if p.Kind == types.ShardIteratorTypeAtTimestamp {
		return momentMark + strconv.FormatInt(p.Time.UnixMilli(), 10)
	}
	return p.Sequence
}

const (
	momentMark       = "@" // begins a place that is a moment, not a sequence number
	offsetVersion    = "2"
	oldOffsetVersion = "1" // without the second moment
)
