package kinesis

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/segmentio/asm/base64"
)

// DeserializeResponse implements smithyhttp.ClientProtocol. The answers of
// GetRecords, by far the largest, are read in one pass into two pieces of
// memory, one for data and one for text; whatever looks unusual is left to the
// SDK, which reads the same body again.
func (p protocol) DeserializeResponse(ctx context.Context, schema *smithy.OperationSchema, registry *smithy.TypeRegistry, resp *smithyhttp.Response, out smithy.Deserializable) error {
	records, ok := out.(*kinesis.GetRecordsOutput)
	if !ok || resp.StatusCode != 200 {
		return p.ClientProtocol.DeserializeResponse(ctx, schema, registry, resp, out)
	}
	memory := answers.take()
	defer func() { answers.give(memory, cap(*memory)) }()
	body, err := readBody((*memory)[:0], resp)
	if err != nil {
		return err
	}
	*memory = body
	if decodeGetRecords(body, records) {
		return nil
	}
	*records = kinesis.GetRecordsOutput{}
	resp.Body = io.NopCloser(bytes.NewReader(bytes.Clone(body)))
	return p.ClientProtocol.DeserializeResponse(ctx, schema, registry, resp, out)
}

// readBody reads an answer into b, or into new memory where b is too small.
func readBody(b []byte, resp *smithyhttp.Response) ([]byte, error) {
	if resp.ContentLength < 0 || resp.ContentLength > mostBody {
		return io.ReadAll(resp.Body)
	}
	size := int(resp.ContentLength)
	if cap(b) < size {
		b = make([]byte, size, (size+roundBody-1)/roundBody*roundBody)
	}
	_, err := io.ReadFull(resp.Body, b[:size])
	return b[:size], err
}

const (
	roundBody = 256 << 10 // keeps answers of about one size in the same memory
	mostBody  = 32 << 20  // is more than GetRecords answers with; no header makes us allocate more
)

// answers holds the memory of answers; nothing that leaves this file points into one.
var answers = make(spares[[]byte], spareBodies)

// place is a value in the body.
type place struct{ start, end int }

// rawRecord is where the values of one record stand.
type rawRecord struct {
	data, key, sequence, encryption place
	arrival                         time.Time
	hasArrival                      bool
}

// getScanner reads the usual form of an answer. A method that meets anything
// else returns false.
type getScanner struct {
	b  []byte
	at int
}

func decodeGetRecords(body []byte, out *kinesis.GetRecordsOutput) bool {
	s := getScanner{b: body}
	var raw []rawRecord
	var next place
	var behind int64
	var saw uint8
	if !s.take('{') {
		return false
	}
	for more := true; more; {
		name, ok := s.field()
		if !ok {
			return false
		}
		bit := uint8(0)
		switch name {
		case "MillisBehindLatest":
			bit = 1
			behind, ok = s.integer()
		case "NextShardIterator":
			bit = 2
			next, ok = s.text()
		case "Records":
			bit = 4
			raw, ok = s.records()
		default: // child shards, null, and all that may come one day
			return false
		}
		if !ok || saw&bit != 0 {
			return false
		}
		saw |= bit
		more = s.take(',')
	}
	if !s.take('}') || s.at != len(body) || saw&4 == 0 {
		return false
	}
	*out = kinesis.GetRecordsOutput{}
	if saw&1 != 0 {
		out.MillisBehindLatest = &behind
	}
	if saw&2 != 0 {
		text := string(body[next.start:next.end])
		out.NextShardIterator = &text
	}
	records, ok := build(body, raw)
	out.Records = records
	return ok
}

// build makes the SDK's records: their strings and data are parts of two arenas.
func build(body []byte, raw []rawRecord) ([]types.Record, bool) {
	var dataSize, textSize int
	for i := range raw {
		dataSize += base64.StdEncoding.DecodedLen(raw[i].data.end - raw[i].data.start)
		textSize += raw[i].key.end - raw[i].key.start + raw[i].sequence.end - raw[i].sequence.start
	}
	data := make([]byte, dataSize)
	text := make([]byte, 0, textSize)
	records := make([]types.Record, len(raw))
	values := make([]struct {
		key, sequence string
		arrival       time.Time
	}, len(raw))
	view := func(p place) string {
		start := len(text)
		text = append(text, body[p.start:p.end]...)
		return unsafe.String(unsafe.SliceData(text[start:]), len(text)-start)
	}
	for i := range raw {
		r := &raw[i]
		encoded := body[r.data.start:r.data.end]
		n, err := base64.StdEncoding.Decode(data, encoded)
		if err != nil || len(encoded)%4 != 0 || n != decodedLen(encoded) {
			return nil, false // the decoder passes over line ends, JSON has none
		}
		values[i].key, values[i].sequence, values[i].arrival = view(r.key), view(r.sequence), r.arrival
		records[i] = types.Record{Data: data[:n:n], PartitionKey: &values[i].key, SequenceNumber: &values[i].sequence}
		data = data[n:]
		if r.hasArrival {
			records[i].ApproximateArrivalTimestamp = &values[i].arrival
		}
		if r.encryption.end > 0 {
			records[i].EncryptionType = types.EncryptionType(body[r.encryption.start:r.encryption.end])
		}
	}
	return records, true
}

func decodedLen(encoded []byte) int {
	n := len(encoded) / 4 * 3
	for i := len(encoded) - 1; i >= 0 && encoded[i] == '='; i-- {
		n--
	}
	return n
}

func (s *getScanner) records() ([]rawRecord, bool) {
	if !s.take('[') {
		return nil, false
	}
	raw := make([]rawRecord, 0, 64)
	if s.take(']') {
		return raw, true
	}
	for {
		r, ok := s.record()
		if !ok {
			return nil, false
		}
		raw = append(raw, r)
		if !s.take(',') {
			return raw, s.take(']')
		}
	}
}

func (s *getScanner) record() (r rawRecord, ok bool) {
	if !s.take('{') {
		return r, false
	}
	var saw uint8
	for more := true; more; more = s.take(',') {
		name, ok := s.field()
		if !ok {
			return r, false
		}
		bit := uint8(0)
		switch name {
		case "Data":
			bit = 1
			r.data, ok = s.text()
		case "PartitionKey":
			bit = 2
			r.key, ok = s.text()
		case "SequenceNumber":
			bit = 4
			r.sequence, ok = s.text()
		case "ApproximateArrivalTimestamp":
			bit = 8
			r.arrival, ok = s.instant()
			r.hasArrival = true
		case "EncryptionType":
			bit = 16
			r.encryption, ok = s.text()
		default:
			return r, false
		}
		if !ok || saw&bit != 0 {
			return r, false
		}
		saw |= bit
	}
	return r, s.take('}') && saw&7 == 7
}

func (s *getScanner) take(c byte) bool {
	if s.at < len(s.b) && s.b[s.at] == c {
		s.at++
		return true
	}
	return false
}

// field reads a name and its colon.
func (s *getScanner) field() (string, bool) {
	p, ok := s.text()
	if !ok || !s.take(':') {
		return "", false
	}
	return unsafe.String(unsafe.SliceData(s.b[p.start:]), p.end-p.start), true
}

// text reads a string of printable ASCII without escapes.
func (s *getScanner) text() (place, bool) {
	if !s.take('"') {
		return place{}, false
	}
	n := bytes.IndexByte(s.b[s.at:], '"')
	if n < 0 {
		return place{}, false
	}
	p := place{s.at, s.at + n}
	if n <= shortText && !ascii(s.b[p.start:p.end]) {
		return p, false
	}
	if n > shortText && bytes.IndexByte(s.b[p.start:p.end], '\\') >= 0 {
		return p, false
	}
	s.at = p.end + 1
	return p, true
}

// shortText is the length of the longest string that is checked byte by byte:
// keys and iterators. Longer ones are data, of which base64 takes only its letters.
const shortText = 512

func ascii(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c >= 0x7f || c == '\\' {
			return false
		}
	}
	return true
}

// number is the text of a JSON number.
func (s *getScanner) number() string {
	start := s.at
	for s.at < len(s.b) && bytes.IndexByte([]byte("0123456789.+-eE"), s.b[s.at]) >= 0 {
		s.at++
	}
	return unsafe.String(unsafe.SliceData(s.b[start:]), s.at-start)
}

func (s *getScanner) integer() (int64, bool) {
	text := s.number()
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && (text == "0" || text[0] >= '1' && text[0] <= '9')
}

// instant reads seconds since the epoch, to the millisecond as the SDK does.
func (s *getScanner) instant() (time.Time, bool) {
	text := s.number()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || text[0] < '1' || text[0] > '9' || text[len(text)-1] < '0' || text[len(text)-1] > '9' ||
		f < 1 || f > 1e11 || strings.Contains(text, ".e") || strings.Contains(text, ".E") {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(f * 1000)).UTC(), true
}
