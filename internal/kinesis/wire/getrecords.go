package wire

import (
	"bytes"
	"context"
	"io"
	"math"
	"strconv"
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/segmentio/asm/base64"

	"taxistream/internal/jsonscan"
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

// rawRecord is where the values of one record stand.
type rawRecord struct {
	data, key, sequence, encryption jsonscan.Span
	arrival                         time.Time
	hasArrival                      bool
}

// getScanner reads the usual form of an answer. A method that meets anything
// else returns false.
type getScanner struct{ jsonscan.Cursor }

func decodeGetRecords(body []byte, out *kinesis.GetRecordsOutput) bool {
	s := getScanner{jsonscan.Cursor{Text: body}}
	var raw []rawRecord
	var next jsonscan.Span
	behind := int64(-1)
	if len(body) > math.MaxUint32 || !s.Take('{') {
		return false
	}
	for !s.Take('}') {
		ok := false
		switch {
		case behind < 0 && s.Name(`"MillisBehindLatest"`):
			behind, ok = s.integer()
		case !next.Present() && s.Name(`"NextShardIterator"`):
			next, ok = s.Plain()
		case raw == nil && s.Name(`"Records"`):
			raw, ok = s.records()
		} // child shards, null, and all that may come one day: not ok
		if !ok || !s.Separator('}') {
			return false
		}
	}
	if !s.End() || raw == nil {
		return false
	}
	*out = kinesis.GetRecordsOutput{}
	if behind >= 0 {
		out.MillisBehindLatest = &behind
	}
	if next.Present() {
		text := string(next.Of(body))
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
		dataSize += base64.StdEncoding.DecodedLen(raw[i].data.Len())
		textSize += raw[i].key.Len() + raw[i].sequence.Len()
	}
	data := make([]byte, dataSize)
	text := make([]byte, 0, textSize)
	records := make([]types.Record, len(raw))
	values := make([]struct {
		key, sequence string
		arrival       time.Time
	}, len(raw))
	view := func(s jsonscan.Span) string {
		start := len(text)
		text = append(text, s.Of(body)...)
		return unsafe.String(unsafe.SliceData(text[start:]), len(text)-start)
	}
	for i := range raw {
		r := &raw[i]
		encoded := r.data.Of(body)
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
		if r.encryption.Present() {
			records[i].EncryptionType = types.EncryptionType(r.encryption.Of(body))
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
	if !s.Take('[') {
		return nil, false
	}
	raw := make([]rawRecord, 0, 64)
	for !s.Take(']') {
		r, ok := s.record()
		if !ok || !s.Separator(']') {
			return nil, false
		}
		raw = append(raw, r)
	}
	return raw, true
}

func (s *getScanner) record() (r rawRecord, ok bool) {
	if !s.Take('{') {
		return r, false
	}
	for !s.Take('}') {
		ok = false
		switch {
		case !r.data.Present() && s.Name(`"Data"`):
			r.data, ok = s.Opaque()
		case !r.key.Present() && s.Name(`"PartitionKey"`):
			r.key, ok = s.Plain()
		case !r.sequence.Present() && s.Name(`"SequenceNumber"`):
			r.sequence, ok = s.Plain()
		case !r.hasArrival && s.Name(`"ApproximateArrivalTimestamp"`):
			r.arrival, ok = s.instant()
			r.hasArrival = true
		case !r.encryption.Present() && s.Name(`"EncryptionType"`):
			r.encryption, ok = s.Plain()
		}
		if !ok || !s.Separator('}') {
			return r, false
		}
	}
	return r, r.data.Present() && r.key.Present() && r.sequence.Present()
}

// number is the text of a JSON number.
func (s *getScanner) number() (string, bool) {
	n, ok := s.Number()
	if !ok {
		return "", false
	}
	text := n.Of(s.Text)
	return unsafe.String(unsafe.SliceData(text), len(text)), true
}

// integer reads one that is not negative.
func (s *getScanner) integer() (int64, bool) {
	text, ok := s.number()
	n, err := strconv.ParseInt(text, 10, 64)
	return n, ok && err == nil && n >= 0 && text[0] != '-'
}

// instant reads seconds since the epoch, to the millisecond as the SDK does.
func (s *getScanner) instant() (time.Time, bool) {
	text, ok := s.number()
	f, err := strconv.ParseFloat(text, 64)
	if !ok || err != nil || f < 1 || f > 1e11 {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(f * 1000)).UTC(), true
}
