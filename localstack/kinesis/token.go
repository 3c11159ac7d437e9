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
}

const tokenBytes = 1 + 1 + 8 + 4 + 8 + 8 + 4

// append writes the token's text, of letters that JSON takes as they are.
func (t token) append(dst []byte) []byte {
	var raw [tokenBytes]byte
	raw[0], raw[1] = t.kind, t.filter
	binary.BigEndian.PutUint64(raw[2:], t.stream)
	binary.BigEndian.PutUint32(raw[10:], t.shard)
	binary.BigEndian.PutUint64(raw[14:], t.at)
	binary.BigEndian.PutUint64(raw[22:], uint64(t.issued))
	binary.BigEndian.PutUint32(raw[30:], crc32.ChecksumIEEE(raw[:30]))
	return base64.StdEncoding.AppendEncode(dst, raw[:])
}

func (t token) String() string { return string(t.append(nil)) }

// parseToken reads a token's text; false if no server of this kind wrote it.
func parseToken(text string, kind byte) (token, bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != tokenBytes || raw[0] != kind ||
		binary.BigEndian.Uint32(raw[30:]) != crc32.ChecksumIEEE(raw[:30]) {
		return token{}, false
	}
	return token{
		kind: raw[0], filter: raw[1],
		stream: binary.BigEndian.Uint64(raw[2:]),
		shard:  binary.BigEndian.Uint32(raw[10:]),
		at:     binary.BigEndian.Uint64(raw[14:]),
		issued: int64(binary.BigEndian.Uint64(raw[22:])),
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
