package kinesis

// putRequest is a decoded PutRecords. Its slices alias the request's body or
// memory of their own; they end with the call.
type putRequest struct {
	stream, arn []byte
	entries     []putEntry
	heads       []int32 // first entry of each open shard; scratch of put
}

// putEntry is one record to store and, afterwards, what became of it.
type putEntry struct {
	data        []byte // base64 as received, known to be valid
	key         []byte // partition key, decoded
	keyJSON     []byte // the key as it stands between quotes in JSON
	explicit    []byte // ExplicitHashKey, nil if absent
	size        int    // of the data, decoded
	hash        hashKey
	next        int32 // the next entry for the same shard, -1 at the end
	shard       *shard
	counter     uint64 // 0: not stored
	failed      string // error code, "" if stored
	failMessage string
}

func (p *putRequest) reset() {
	clear(p.entries)
	p.entries = p.entries[:0]
	p.stream, p.arn = nil, nil
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
