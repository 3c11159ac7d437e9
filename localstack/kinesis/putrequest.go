package kinesis

import "taxistream/internal/jsonscan"

// putRequest is a decoded PutRecords. It ends with its call.
type putRequest struct {
	stream, arn []byte     // nil if absent
	entries     []putEntry // without pointers: a call costs the collector nothing
	text        []byte     // what the entries' spans lie in: the body, or memory of decodePut's
	open        []*shard   // the shards that entries are routed to
	heads       []int32    // first entry of each of these; scratch
	encryption  string     // what the answer says of the stream's; "" for none
}

// span is a stretch of putRequest.text.
type span = jsonscan.Span

func (p *putRequest) at(s span) []byte { return s.Of(p.text) }

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

func (e *putEntry) bytes() int { return e.size + e.key.Len() }

// notStored is the counter of an entry that is not stored.
const notStored = ^uint64(0)

// outcome is why an entry was not stored.
type outcome uint8

const (
	outcomeStored outcome = iota
	outcomeThrottled
	outcomeFault
	outcomeUnwritten
)

func (p *putRequest) reset() {
	*p = putRequest{entries: p.entries[:0], heads: p.heads[:0]}
}
