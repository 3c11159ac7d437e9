package kinesis

import "encoding/binary"

// putRequest is a decoded PutRecords. It ends with its call.
type putRequest struct {
	stream, arn []byte     // nil if absent
	entries     []putEntry // without pointers: a call costs the collector nothing
	text        []byte     // what the entries' spans lie in: the body, or memory of decodePut's
	open        []*shard   // the shards that entries are routed to
	heads       []int32    // first entry of each of these; scratch
}

// span is a stretch of putRequest.text; begin 0 is absent (a body begins with a brace).
type span struct{ begin, end uint32 }

func (s span) present() bool { return s.begin != 0 }

func (p *putRequest) at(s span) []byte { return p.text[s.begin:s.end:s.end] }

// putEntry is one record to store and, afterwards, what became of it.
type putEntry struct {
	data     span // base64 as received, known to be valid
	key      span // partition key, decoded
	keyJSON  span // the key as it stands between quotes in JSON
	explicit span // ExplicitHashKey
	size     int  // of the data, decoded
	hash     hashKey
	shard    int32 // index in open
	next     int32 // the next entry for the same shard, -1 at the end
	outcome  outcome
	counter  uint64 // if stored
}

func (e *putEntry) bytes() int { return e.size + int(e.key.end-e.key.begin) }

// outcome is why an entry was not stored.
type outcome uint8

const (
	outcomeStored outcome = iota
	outcomeThrottled
	outcomeFault
)

func (p *putRequest) reset() {
	*p = putRequest{entries: p.entries[:0], heads: p.heads[:0]}
}

// base64Class is 0 for the letters of standard base64.
var base64Class = func() (class [256]byte) {
	for i := range class {
		class[i] = 1
	}
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		class[c] = 0
	}
	return class
}()

// base64Pair is base64Class for two letters at once.
var base64Pair = func() (class [1 << 16]byte) {
	for i := range class {
		class[i] = base64Class[i&0xff] | base64Class[i>>8]
	}
	return class
}()

// base64Run returns how many letters of base64 text begins with.
func base64Run(text []byte) int {
	n := 0
	for len(text)-n >= 16 {
		a, b := binary.LittleEndian.Uint64(text[n:]), binary.LittleEndian.Uint64(text[n+8:])
		if base64Pair[uint16(a)]|base64Pair[uint16(a>>16)]|base64Pair[uint16(a>>32)]|base64Pair[uint16(a>>48)]|
			base64Pair[uint16(b)]|base64Pair[uint16(b>>16)]|base64Pair[uint16(b>>32)]|base64Pair[uint16(b>>48)] != 0 {
			break
		}
		n += 16
	}
	for n < len(text) && base64Class[text[n]] == 0 {
		n++
	}
	return n
}

// base64Size returns how many bytes the text decodes to; false if it is not
// base64 with its padding.
func base64Size(text []byte) (int, bool) {
	run := base64Run(text)
	pad := len(text) - run
	if len(text)%4 != 0 || pad > 2 {
		return 0, false
	}
	for _, c := range text[run:] {
		if c != '=' {
			return 0, false
		}
	}
	return len(text)/4*3 - pad, true
}
