package opensearch

import (
	"bytes"
	"strconv"
	"time"

	"taxistream/internal/jsonscan"
)

// Document is one result on its way to an index. Its id is a function of its
// content and its version grows with it, so that writing it twice, late or out
// of order leaves the newest (contract, "Results").
type Document struct {
	Index   string // the monthly index, see MonthlyIndex
	ID      string // at most 512 bytes
	Version int64  // not negative; an older version loses against a newer, an equal one is a repeat
	Source  []byte // one JSON object
}

// MonthlyIndex names the index of the UTC month that holds the time ms, in
// milliseconds since the epoch: <prefix><alias>-yyyy.MM.
func MonthlyIndex(prefix, alias string, ms int64) string {
	t := time.UnixMilli(ms).UTC()
	b := make([]byte, 0, len(prefix)+len(alias)+len("-2016.01"))
	b = append(b, prefix...)
	b = append(b, alias...)
	b = append(b, '-')
	year := t.Year()
	for limit := 1000; limit > 1 && year < limit && year >= 0; limit /= 10 {
		b = append(b, '0')
	}
	b = strconv.AppendInt(b, int64(year), 10)
	b = append(b, '.')
	if t.Month() < 10 {
		b = append(b, '0')
	}
	return string(strconv.AppendInt(b, int64(t.Month()), 10))
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
