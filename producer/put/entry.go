// Package put writes trips to Kinesis: one a record or in KPL aggregates, up to
// 500 records and 5 MiB a call, several calls in flight, only the failed
// entries again, for as long as it takes (contract, "Events on the stream").
//
// A Writer is driven by the calls of one goroutine and makes no call itself: it
// hands out requests and takes their answers, so that every order of answers
// can be tested. A request and its entries belong to the Writer; whoever sends
// it reads them until the answer is handed back, and not after.
package put

import "context"

// What Kinesis takes in one PutRecords call (API reference, PutRecords).
const (
	MaxRequestRecords = 500
	MaxRequestBytes   = 5 << 20 // data and partition keys
)

// Entry is one record of a PutRecords call.
type Entry struct {
	Data         []byte
	PartitionKey string
	HashKey      string // decimal explicit hash key; empty: the partition key decides
}

// size is what the entry counts against the limits of Kinesis.
func (e *Entry) size() int { return len(e.Data) + len(e.PartitionKey) }

// Result is Kinesis' answer on one entry.
type Result struct {
	Shard   string // that the record is in; empty if it was refused
	Code    string // empty if it was written
	Message string
}

// Codes of results and of whole calls that the Writer knows.
const (
	CodeThrottled = "ProvisionedThroughputExceededException"
	CodeInternal  = "InternalFailure"
)

// Caller makes PutRecords calls; it must be safe for concurrent calls. It
// answers with one result an entry, in order, or with an error for all.
type Caller interface {
	PutRecords(ctx context.Context, entries []Entry) ([]Result, error)
}
