package kinesis

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/segmentio/asm/base64"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/kinesis/protocol"
)

// wireEntry is a record as PutRecord and PutRecords have it.
type wireEntry struct {
	PartitionKey    string  `check:"required len=1..256"`
	ExplicitHashKey *string `check:"pattern=hashkey"`
	Data            []byte  `check:"required"`
}

type putRecordRequest struct {
	streamRef
	wireEntry
	SequenceNumberForOrdering string `check:"pattern=sequence"`

	server *Server
}

// Check holds the record to the size that its stream takes.
func (in *putRecordRequest) Check(violate func(value, path, constraint string)) {
	in.wireEntry.check(in.server.recordSize(in.streamRef), "", violate)
}

type putRecordsRequest struct {
	streamRef
	Records []wireEntry `check:"required len=1..500 shown=com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310"`

	server *Server
}

// Check holds the records to the size that their stream takes.
func (in *putRecordsRequest) Check(violate func(value, path, constraint string)) {
	most := in.server.recordSize(in.streamRef)
	for i := range in.Records {
		in.Records[i].check(most, "records."+strconv.Itoa(i+1)+".member.", violate)
	}
}

func (e *wireEntry) check(most int, path string, violate func(value, path, constraint string)) {
	if len(e.Data) > most {
		violate(fmt.Sprintf("'java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]'", len(e.Data), len(e.Data)), path+"data",
			fmt.Sprintf("Member must have length less than or equal to %d", most))
	}
}

// recordSize is the largest record of a stream, the usual one if there is no such stream.
func (s *Server) recordSize(ref streamRef) int {
	if st, apiErr := s.stream(ref); apiErr == nil {
		return st.maxRecord()
	}
	return DefaultRecordSize
}

// maxRecord is the largest record that the stream takes, in bytes.
func (st *stream) maxRecord() int {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return st.recordSize
}

// readPut decodes a PutRecords into p and finds its stream. What the scanner takes and
// nothing is wrong with needs no other decoder; the slow one reads the rest,
// and has the texts for what is wrong.
func (s *Server) readPut(c *call, p *putRequest) (*stream, *apiError) {
	if c.protocol == protocol.JSON {
		if !scanPut(c.body, p) {
			s.counts.scannerFalls.Add(1)
		} else if st, apiErr := s.ready(streamRef{string(p.stream), string(p.arn)}); apiErr == nil && p.prepare(st.maxRecord()) == nil {
			return st, nil
		}
	}
	in := putRecordsRequest{server: s}
	if apiErr := c.decode(&in); apiErr != nil {
		return nil, apiErr
	}
	st, apiErr := s.ready(in.streamRef)
	if apiErr != nil {
		return nil, apiErr
	}
	p.begin()
	for i := range in.Records {
		p.add(&in.Records[i])
	}
	return st, p.prepare(st.maxRecord())
}

// begin makes an empty request that add fills.
func (p *putRequest) begin() {
	p.reset()
	p.text = []byte{' '} // no span begins at 0
}

// add appends a decoded record.
func (p *putRequest) add(r *wireEntry) {
	e := putEntry{size: len(r.Data)}
	begin := uint32(len(p.text))
	size := base64.StdEncoding.EncodedLen(len(r.Data))
	p.text = slices.Grow(p.text, size)[:len(p.text)+size]
	base64.StdEncoding.Encode(p.text[begin:], r.Data)
	e.data = span{Start: begin, End: uint32(len(p.text))}
	e.key = p.keep(r.PartitionKey)
	p.text = jsonscan.AppendString(p.text, r.PartitionKey)
	e.keyJSON = span{Start: e.key.End + 1, End: uint32(len(p.text)) - 1} // without its quotes
	if r.ExplicitHashKey != nil {
		e.explicit = p.keep(*r.ExplicitHashKey)
	}
	p.entries = append(p.entries, e)
}

// keep copies text to where spans lie.
func (p *putRequest) keep(text string) span {
	begin := uint32(len(p.text))
	p.text = append(p.text, text...)
	return span{Start: begin, End: uint32(len(p.text))}
}

// prepare holds the entries to their bounds and finds each one's place in the key space.
func (p *putRequest) prepare(recordSize int) *apiError {
	if n := len(p.entries); n < 1 || n > MaxPutRecords {
		return invalid("A request has 1 to %d records.", MaxPutRecords)
	}
	total := 0
	for i := range p.entries {
		e := &p.entries[i]
		key := p.at(e.key)
		if n := utf8.RuneCount(key); n < 1 || n > 256 {
			return invalid("A partition key has 1 to 256 characters.")
		}
		if e.bytes() > recordSize {
			return clientError("ValidationException", "Record %d has %d bytes of data and partition key, more than the %d that the stream takes.", i+1, e.bytes(), recordSize)
		}
		total += e.bytes()
		if !e.explicit.Present() {
			e.hash = hashOf(key)
			continue
		}
		var ok bool
		if e.hash, ok = parseHashKey(p.at(e.explicit)); !ok {
			return invalid("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was %s", p.at(e.explicit))
		}
	}
	if total > MaxPutBytes {
		return invalid("Records size exceeds %d bytes limit", MaxPutBytes)
	}
	return nil
}
