package kinesis

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

// token is what a shard iterator or a page token says; its text is opaque to
// clients. It names its stream by number, so that it dies with it.
type token struct {
	kind   byte   // 'i' an iterator, 's' a page of shards
	filter byte   // the page's shard filter
	stream uint64 // stream.number
	shard  uint32 // the iterator's shard, the last shard of the page before
	at     uint64 // the counter to read from; the filter's time or shard
	issued int64  // ms
	name   string // the stream's, for texts once it is gone
}

// tokenBytes are those before the stream's name, which is followed by a checksum.
const tokenBytes = 1 + 1 + 8 + 4 + 8 + 8

// String writes the token's text.
func (t token) String() string {
	raw := make([]byte, 0, tokenBytes+len(t.name)+4)
	raw = append(raw, t.kind, t.filter)
	raw = binary.BigEndian.AppendUint64(raw, t.stream)
	raw = binary.BigEndian.AppendUint32(raw, t.shard)
	raw = binary.BigEndian.AppendUint64(raw, t.at)
	raw = binary.BigEndian.AppendUint64(raw, uint64(t.issued))
	raw = append(raw, t.name...)
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(raw, crc32.ChecksumIEEE(raw)))
}

// parseToken reads a token's text; false if no server of this kind wrote it.
func parseToken(text string, kind byte) (token, bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	end := len(raw) - 4
	if err != nil || end < tokenBytes || raw[0] != kind || binary.BigEndian.Uint32(raw[end:]) != crc32.ChecksumIEEE(raw[:end]) {
		return token{}, false
	}
	return token{
		kind: raw[0], filter: raw[1],
		stream: binary.BigEndian.Uint64(raw[2:]),
		shard:  binary.BigEndian.Uint32(raw[10:]),
		at:     binary.BigEndian.Uint64(raw[14:]),
		issued: int64(binary.BigEndian.Uint64(raw[22:])),
		name:   string(raw[tokenBytes:end]),
	}, true
}

// expired says whether the token is older than TokenLife.
func (t token) expired(nowMs int64) bool { return nowMs-t.issued > TokenLife.Milliseconds() }

// streamOf finds a token's stream; nil if it was deleted.
func (s *Server) streamOf(t token) *stream {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byNumber[t.stream]
}
