package protocol

import (
	"encoding/binary"
	"hash/crc32"
)

// AppendEvent writes one message of an event stream (application/vnd.amazon.eventstream):
// an event of the given name, initial-response included, with a payload of this protocol.
func (p *Protocol) AppendEvent(dst []byte, name string, payload []byte) []byte {
	return appendMessage(dst, payload, ":event-type", name, ":content-type", p.contentType[0], ":message-type", "event")
}

// AppendException writes the message that ends an event stream with an error.
func (p *Protocol) AppendException(dst []byte, code string, payload []byte) []byte {
	return appendMessage(dst, payload, ":exception-type", code, ":content-type", p.contentType[0], ":message-type", "exception")
}

// appendMessage writes lengths, their checksum, headers (names and values in turn, texts
// all of them), payload and the checksum of all that.
func appendMessage(dst, payload []byte, headers ...string) []byte {
	begin := len(dst)
	dst = append(dst, make([]byte, 12)...)
	const text = 7
	for i := 0; i < len(headers); i += 2 {
		name, value := headers[i], headers[i+1]
		dst = append(append(dst, byte(len(name))), name...)
		dst = binary.BigEndian.AppendUint16(append(dst, text), uint16(len(value)))
		dst = append(dst, value...)
	}
	headerLength := len(dst) - begin - 12
	dst = append(dst, payload...)
	message := dst[begin:]
	binary.BigEndian.PutUint32(message, uint32(len(message)+4))
	binary.BigEndian.PutUint32(message[4:], uint32(headerLength))
	binary.BigEndian.PutUint32(message[8:], crc32.ChecksumIEEE(message[:8]))
	return binary.BigEndian.AppendUint32(dst, crc32.ChecksumIEEE(message))
}
