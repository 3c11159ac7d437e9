package kinesis

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/segmentio/asm/base64"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/kinesis/protocol"
)

// answerRecords lays out an answer: head, a struct, and after its members the list
// Records, which is c.found. JSON is later written from where the records lie.
func (c *call) answerRecords(head any) *apiError {
	if c.protocol != protocol.JSON {
		out, err := appendRecords(c.out, c.protocol, head, &c.found)
		c.found.release()
		c.found = answer{parts: c.found.parts[:0]}
		if err != nil {
			return internalFailure("%v", err)
		}
		c.out = out
		return nil
	}
	out, err := c.protocol.AppendOpen(c.out, head, "Records", c.found.records)
	if err != nil {
		return internalFailure("%v", err)
	}
	c.out, c.closing = out, c.protocol.Close()
	c.found.dropComma()
	return nil
}

// appendRecords writes head, a struct, with the list Records after its members: the
// payload of an answer, or of an event of a subscription.
func appendRecords(dst []byte, p *protocol.Protocol, head any, found *answer) ([]byte, error) {
	dst, err := p.AppendOpen(dst, head, "Records", found.records)
	if err != nil {
		return nil, err
	}
	if p == protocol.JSON {
		found.dropComma()
	}
	var stored bytes.Buffer
	for _, part := range found.parts {
		stored.Reset()
		if err := part.write(&stored); err != nil {
			return nil, err
		}
		if p == protocol.JSON {
			dst = append(dst, stored.Bytes()...)
		} else if dst, err = appendCBOR(dst, stored.Bytes()); err != nil {
			return nil, err
		}
	}
	return append(dst, p.Close()...), nil
}

// dropComma cuts off the comma after the last record.
func (a *answer) dropComma() {
	if len(a.parts) == 0 {
		return
	}
	last := &a.parts[len(a.parts)-1]
	last.length--
	if last.file == nil {
		last.bytes = last.bytes[:last.length]
	}
}

// appendCBOR writes stored records, which are JSON as shard.append lays it out, as CBOR.
func appendCBOR(dst, stored []byte) ([]byte, error) {
	for len(stored) > 0 {
		seconds, rest := cut(stored[min(len(recordTime), len(stored)):], recordData)
		data, rest := cut(rest, recordKey)
		key, rest := cut(rest, recordSequence) // no key holds that: its quotes are escaped
		number, rest := cut(rest, recordEnd)
		ms, err := strconv.ParseInt(strings.Replace(string(seconds), ".", "", 1), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a stored record cannot be read back: %w", err)
		}
		dst = protocol.AppendHead(dst, protocol.MajorMap, 4)
		dst = protocol.Millis(ms).AppendCBOR(protocol.AppendText(dst, "ApproximateArrivalTimestamp"))
		size := unpadded(data)
		dst = protocol.AppendHead(protocol.AppendText(dst, "Data"), protocol.MajorBytes, size)
		begin := len(dst)
		dst = slices.Grow(dst, len(data))[:begin+len(data)]
		if n, err := base64.StdEncoding.Decode(dst[begin:], data); n != size || err != nil {
			return nil, fmt.Errorf("a stored record cannot be read back: %d bytes of %d: %w", n, size, err)
		}
		dst = protocol.AppendText(protocol.AppendText(dst[:begin+size], "PartitionKey"), jsonscan.Unescape(key))
		dst = protocol.AppendText(protocol.AppendText(dst, "SequenceNumber"), number)
		stored = rest
	}
	return dst, nil
}

func cut(text []byte, after string) (before, rest []byte) {
	before, rest, _ = bytes.Cut(text, []byte(after))
	return before, rest
}
