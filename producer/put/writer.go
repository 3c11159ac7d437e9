package put

import (
	"log/slog"
	"math/rand/v2"
	"strconv"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/trip"
)

// Acks is told which trips are on the stream.
type Acks interface{ Ack(batch uint64, n int) }

// Options are the limits of a Writer.
type Options struct {
	MaxOutstanding int                            // trips not acknowledged; Room is what is left of it
	Calls          int                            // calls in flight at a time
	RequestBytes   int                            // records of that size make a call without waiting for more
	NewAggregate   func(hashKey string) Aggregate // of records with an explicit hash key; nil: one trip a record
	Seal           func([][]byte)                 // completes the aggregates of a call before it is made; nil: they are complete
	Classify       func(error) fault.Class        // of calls that failed as a whole
	Throttle       Backoff                        // between tries of refused entries
	Outage         Backoff                        // between tries while the service is unreachable
	Log            *slog.Logger
}

// DefaultOptions are the producer's; NewAggregate and Classify are the caller's.
func DefaultOptions(seed uint64) Options {
	r := rand.New(rand.NewPCG(seed, 0))
	return Options{
		MaxOutstanding: 50000,
		Calls:          4,
		RequestBytes:   512 << 10,
		Throttle:       Backoff{Base: 50 * time.Millisecond, Max: time.Second, Rand: r},
		Outage:         Backoff{Base: 100 * time.Millisecond, Max: 5 * time.Second, Rand: r},
		Log:            slog.New(slog.DiscardHandler),
	}
}

// Writer turns trips into records and records into requests, and sees to it
// that each is acknowledged.
type Writer struct {
	o     Options
	acks  Acks
	shard *Map
	open  []open // by index in shard.Shards()

	ready    queue
	again    queue // to be sent again, before those that are ready
	delayed  []delayed
	flushed  int // records of ready that wait for no more company
	free     []*Request
	buffers  [][]byte // of acknowledged aggregates
	unsealed [][]byte // of the call that is being made
	inFlight int

	outstanding int
	failures    int       // calls in a row that did not reach the service
	renewals    int       // those of them that the service refused for their credentials
	probe       time.Time // the next try while failures > 0
	stale       bool
	stats       Stats
	key         []byte
}

// NewWriter returns a writer to the open shards of m.
func NewWriter(o Options, m *Map, acks Acks) *Writer {
	w := &Writer{o: o, acks: acks, stats: Stats{Shards: make(map[string]int64), Refused: make(map[string]int64)}}
	w.SetShards(m)
	return w
}

// Room is how many trips may be added.
func (w *Writer) Room() int { return w.o.MaxOutstanding - w.outstanding }

// Outstanding is the number of trips that are not acknowledged.
func (w *Writer) Outstanding() int { return w.outstanding }

// Stale reports whether an answer has shown that the shard map is out of date.
func (w *Writer) Stale() bool { return w.stale }

// Stats are the counts so far; the maps are the Writer's own.
func (w *Writer) Stats() Stats { return w.stats }

// Add encodes trips of a batch, all of them writable; it keeps none. They are
// sent once they fill an aggregate and a call, or at the next Flush.
func (w *Writer) Add(batch uint64, trips []trip.Trip) {
	w.outstanding += len(trips)
	if w.o.NewAggregate != nil {
		w.addAggregated(batch, trips)
		return
	}
	// The records of one Add share two allocations, freed when all are acknowledged.
	data := make([]byte, 0, len(trips)*singleSize)
	w.key = w.key[:0]
	for i := range trips {
		w.key = strconv.AppendInt(w.key, trips[i].ID, 10)
	}
	keys := string(w.key)
	for i := range trips {
		from := len(data)
		data = trip.AppendTrip(data, &trips[i])
		n := digits(trips[i].ID)
		w.ready.push(record{entry: Entry{Data: data[from:len(data):len(data)], PartitionKey: keys[:n]}, batch: batch, trips: 1})
		keys = keys[n:]
	}
}

// singleSize is somewhat more than a usual trip takes on the wire.
const singleSize = 272

func digits(id int64) int {
	n := 1
	for ; id >= 10; id /= 10 {
		n++
	}
	return n
}

// Flush closes the open aggregates, and sends all that is ready without waiting
// for more.
func (w *Writer) Flush() {
	for i := range w.open {
		w.closeAggregate(i)
	}
	w.flushed = w.ready.len()
}
