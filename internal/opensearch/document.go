package opensearch

import (
	"bytes"
	"strconv"

	"taxistream/internal/jsonscan"
)

// Document is one result on its way to an index. Its id is a function of its
// content and its version grows with it, so that writing it twice, late or out
// of order leaves the newest (contract, "Results").
type Document struct {
	Index   string // where it is written
	ID      string // at most 512 bytes
	Version int64  // not negative; an older version loses against a newer, an equal one is a repeat
	Source  []byte // one JSON object
	Value   any    // what the source was made of, for OnWritten; not written
}

// appendAction appends the two lines of a bulk body that write d. A line feed in
// the source can only be white space between tokens (JSON escapes it elsewhere)
// and becomes a blank, because it would end the line.
func appendAction(b []byte, d *Document) []byte {
	b = append(b, `{"index":{"_index":`...)
	b = jsonscan.AppendString(b, d.Index)
	b = append(b, `,"_id":`...)
	b = jsonscan.AppendString(b, d.ID)
	b = append(b, `,"version":`...)
	b = strconv.AppendInt(b, d.Version, 10)
	b = append(b, `,"version_type":"external_gte"}}`...)
	b = append(b, '\n')
	start := len(b)
	b = append(b, d.Source...)
	for at := bytes.IndexByte(b[start:], '\n'); at >= 0; at = bytes.IndexByte(b[start:], '\n') {
		start += at
		b[start] = ' '
	}
	return append(b, '\n')
}
