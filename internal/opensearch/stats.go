package opensearch

import "sync/atomic"

// counters are a writer's figures. Each grows only, but for the last three.
type counters struct {
	written, repeats, poisoned    atomic.Int64
	requests, bytes, waits        atomic.Int64
	retries                       [retryReasons]atomic.Int64
	queued, queuedBytes, inFlight atomic.Int64
}

// Stats are a writer's figures at one moment. Those of one moment may differ
// from each other by the documents in flight.
type Stats struct {
	Written  int64 // documents that the server took
	Repeats  int64 // documents of which an equal or newer version was there
	Poisoned int64 // documents refused for good
	Requests int64 // bulk requests, attempts included
	Bytes    int64 // of their bodies
	Waits    int64 // calls of Add that had to wait

	Queued      int64 // documents added and not settled; after Close those that were abandoned
	QueuedBytes int64 // their share of the batches; the limit is LimitBytes
	AtOnce      int64 // documents in a request, at the most; less than MaxItems while the server is full
	InFlight    int64 // batches that senders hold; at most WriterOptions.InFlight
	LimitItems  int64 // the most that Queued can be, and one for each OnPoison under way
	LimitBytes  int64 // the most that QueuedBytes can be, unless a document is larger than MaxBytes

	Retries map[RetryReason]int64 // documents sent again, by reason
}

// Stats reads the figures.
func (w *Writer) Stats() Stats {
	batches := int64(1 + w.o.Queue + w.o.InFlight)
	s := Stats{
		Written: w.written.Load(), Repeats: w.repeats.Load(), Poisoned: w.poisoned.Load(),
		Requests: w.requests.Load(), Bytes: w.bytes.Load(), Waits: w.waits.Load(),
		Queued: w.queued.Load(), QueuedBytes: w.queuedBytes.Load(), AtOnce: int64(w.atOnce()), InFlight: w.inFlight.Load(),
		LimitItems: batches * int64(w.o.MaxItems), LimitBytes: batches * int64(w.o.MaxBytes),
		Retries: make(map[RetryReason]int64, retryReasons),
	}
	for r := range retryReasons {
		if n := w.retries[r].Load(); n > 0 {
			s.Retries[r] = n
		}
	}
	return s
}
