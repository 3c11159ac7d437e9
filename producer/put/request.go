package put

import "time"

// Request is one PutRecords call to make. Hand the answer to Writer.Done.
type Request struct {
	Entries []Entry
	records []record
	bytes   int
}

// add appends a record if the call has room for it.
func (r *Request) add(rec *record) bool {
	size := rec.entry.size()
	if len(r.records) == MaxRequestRecords || len(r.records) > 0 && r.bytes+size > MaxRequestBytes {
		return false
	}
	r.records = append(r.records, *rec)
	r.Entries = append(r.Entries, rec.entry)
	r.bytes += size
	return true
}

// delayed are records that wait before they are sent again.
type delayed struct {
	at      time.Time
	records []record
}

// Next returns a request to send now, or nil. While the service is unreachable
// there is one request at a time, to find out when it is back.
func (w *Writer) Next(now time.Time) *Request {
	if w.inFlight >= w.o.Calls || w.failures > 0 && (w.inFlight > 0 || now.Before(w.probe)) {
		return nil
	}
	w.wake(now)
	if w.again.len() == 0 && !w.due() {
		if w.inFlight > 0 || len(w.delayed) > 0 || w.Room() > 0 {
			return nil
		}
		// Reading has stopped, and all that may wait is here: more company will not come.
		w.Flush()
		if w.ready.len() == 0 {
			return nil
		}
	}
	req := w.request()
	for w.again.len() > 0 && req.add(w.again.peek()) {
		w.again.pop()
	}
	fresh := len(req.Entries)
	for w.ready.len() > 0 && req.add(w.ready.peek()) {
		w.ready.pop()
		w.flushed = max(w.flushed-1, 0)
	}
	w.seal(req.Entries[fresh:])
	w.inFlight++
	w.stats.Calls++
	return req
}

// seal completes the records that were never sent; they never change again.
func (w *Writer) seal(entries []Entry) {
	if w.o.Seal == nil || w.o.NewAggregate == nil {
		return
	}
	w.unsealed = w.unsealed[:0]
	for i := range entries {
		w.unsealed = append(w.unsealed, entries[i].Data)
	}
	w.o.Seal(w.unsealed)
	clear(w.unsealed)
}

// due reports whether the records ready make a call: a full one, or one of
// records that a flush wants out.
func (w *Writer) due() bool {
	return w.flushed > 0 && w.ready.len() > 0 || w.ready.len() >= MaxRequestRecords || w.ready.bytes >= w.o.RequestBytes
}

// wake moves the records whose wait is over to the queue of those to send again.
func (w *Writer) wake(now time.Time) {
	kept := w.delayed[:0]
	for _, d := range w.delayed {
		if d.at.After(now) {
			kept = append(kept, d)
			continue
		}
		for _, r := range d.records {
			w.again.push(r)
		}
	}
	clear(w.delayed[len(kept):])
	w.delayed = kept
}

// Wake is when Next is to be asked again if no answer comes; false if it need not be.
func (w *Writer) Wake() (at time.Time, ok bool) {
	if w.failures > 0 {
		return w.probe, w.inFlight == 0
	}
	if w.inFlight >= w.o.Calls {
		return at, false
	}
	for _, d := range w.delayed {
		if !ok || d.at.Before(at) {
			at, ok = d.at, true
		}
	}
	return at, ok
}

func (w *Writer) request() *Request {
	if n := len(w.free); n > 0 {
		r := w.free[n-1]
		w.free = w.free[:n-1]
		return r
	}
	return new(Request)
}

// recycle makes the request ready for the next call.
func (w *Writer) recycle(r *Request) {
	clear(r.records)
	clear(r.Entries)
	r.records, r.Entries, r.bytes = r.records[:0], r.Entries[:0], 0
	w.free = append(w.free, r)
}
