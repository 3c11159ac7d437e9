package put

import (
	"fmt"
	"time"

	"taxistream/internal/fault"
)

// outageFailures in a row are an outage and worth a message; one is a hiccup.
const outageFailures = 2

// maxBuffers bounds the buffers kept for later aggregates.
const maxBuffers = 64

// Done takes the answer to a request: entries that were written are
// acknowledged, the others are sent again later. It returns an error only if
// trying again is no use; the Writer is then at its end.
func (w *Writer) Done(now time.Time, req *Request, results []Result, err error) error {
	w.inFlight--
	defer w.recycle(req)
	if err == nil && len(results) != len(req.records) {
		err = fmt.Errorf("the answer has %d results for %d records", len(results), len(req.records))
		w.unreachable(now, req, err)
		return nil
	}
	if err != nil {
		return w.failed(now, req, err)
	}
	if w.failures >= outageFailures {
		w.o.Log.Info("the stream is back", "tries", w.failures)
	}
	w.failures, w.renewals = 0, 0
	var again []record
	for i, r := range results {
		rec := &req.records[i]
		if r.Code == "" {
			w.written(rec, r.Shard)
			continue
		}
		w.refused(rec, r.Code)
		again = append(again, *rec)
	}
	w.delay(now, again)
	return nil
}

// failed takes the answer to a call that failed as a whole.
func (w *Writer) failed(now time.Time, req *Request, err error) error {
	switch w.o.Classify(err) {
	case fault.Throttled:
		again := append([]record(nil), req.records...)
		for i := range again {
			w.refused(&again[i], CodeThrottled)
		}
		w.delay(now, again)
	case fault.Final:
		return fmt.Errorf("put %d records: %w", len(req.records), fault.Explain(err))
	case fault.Renew:
		if w.renewals++; w.renewals > fault.Renewals {
			return fmt.Errorf("put %d records: renewed the credentials %d times in vain: %w", len(req.records), fault.Renewals, fault.Explain(err))
		}
		w.unreachable(now, req, err)
	default:
		w.unreachable(now, req, err)
	}
	return nil
}

// unreachable keeps the records for the time when the service is back. Calls
// that were in flight together count as one failure.
func (w *Writer) unreachable(now time.Time, req *Request, err error) {
	if w.failures == 0 || !now.Before(w.probe) {
		w.failures++
		w.probe = now.Add(w.o.Outage.Delay(w.failures))
		if w.failures == outageFailures {
			w.o.Log.Warn("the stream cannot be written, waiting for it", "error", fault.Plain(err))
		}
	}
	w.stats.Outages++
	w.stats.Retries += int64(len(req.records))
	for _, r := range req.records {
		w.again.push(r)
	}
}

// refused counts an entry that is to be sent again.
func (w *Writer) refused(rec *record, code string) {
	rec.tries++
	w.stats.Retries++
	w.stats.Refused[code]++
	if code == CodeThrottled {
		w.stats.Throttles++
	}
}

// delay lets refused records wait together, as long as the most refused of them
// has to.
func (w *Writer) delay(now time.Time, again []record) {
	if len(again) == 0 {
		return
	}
	tries := 0
	for i := range again {
		tries = max(tries, again[i].tries)
	}
	w.delayed = append(w.delayed, delayed{now.Add(w.o.Throttle.Delay(tries)), again})
}

func (w *Writer) written(rec *record, shard string) {
	if rec.shard == "" && !w.shard.Has(shard) || rec.shard != "" && rec.shard != shard {
		w.stale = true
	}
	w.outstanding -= rec.trips
	w.stats.Records++
	w.stats.Trips += int64(rec.trips)
	w.stats.Bytes += int64(rec.entry.size())
	w.stats.Shards[shard] += int64(rec.trips)
	if rec.spans == nil {
		w.acks.Ack(rec.batch, rec.trips)
		return
	}
	for _, s := range rec.spans {
		w.acks.Ack(s.Batch, s.Trips)
	}
	if len(w.buffers) < maxBuffers {
		w.buffers = append(w.buffers, rec.entry.Data)
	}
}
