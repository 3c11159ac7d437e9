package kinesis

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

// base64Run returns how many letters of base64 text begins with.
func base64Run(text []byte) int {
	n := 0
	for len(text)-n >= 8 {
		b := text[n : n+8 : n+8]
		if base64Class[b[0]]|base64Class[b[1]]|base64Class[b[2]]|base64Class[b[3]]|
			base64Class[b[4]]|base64Class[b[5]]|base64Class[b[6]]|base64Class[b[7]] != 0 {
			break
		}
		n += 8
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
