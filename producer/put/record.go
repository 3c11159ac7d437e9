package put

// record is one Kinesis record that is not acknowledged.
type record struct {
	entry Entry
	shard string // the shard it must be in if the map is right; empty: whichever has its key
	spans []Span // of an aggregate: the trips in it
	batch uint64 // of a single trip: its batch
	trips int
	tries int
}

// Span is a number of trips of one batch.
type Span struct {
	Batch uint64
	Trips int
}

// queue holds records in the order in which they are to be sent.
type queue struct {
	records []record
	head    int
	bytes   int
}

func (q *queue) len() int { return len(q.records) - q.head }

func (q *queue) push(r record) {
	if q.head > 1024 && q.head > len(q.records)/2 {
		n := copy(q.records, q.records[q.head:])
		clear(q.records[n:])
		q.records, q.head = q.records[:n], 0
	}
	q.records = append(q.records, r)
	q.bytes += r.entry.size()
}

func (q *queue) peek() *record { return &q.records[q.head] }

func (q *queue) pop() record {
	r := q.records[q.head]
	q.records[q.head] = record{}
	q.head++
	q.bytes -= r.entry.size()
	if q.head == len(q.records) {
		q.records, q.head = q.records[:0], 0
	}
	return r
}
