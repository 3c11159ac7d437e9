package opensearch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"taxistream/internal/fault"
)

// run is a sender: it takes batches until the writer stops.
func (w *Writer) run() {
	s := sender{w: w}
	s.trouble.of = &w.c.troubles
	for b := w.take(); b != nil; b = w.take() {
		w.inFlight.Add(1)
		err := s.deliver(b, b.items)
		w.inFlight.Add(-1)
		if err != nil {
			// Before the batch is let go: a Flush that sees it gone must see why.
			w.stop(err)
			s.trouble.quit()
		}
		w.release(b)
	}
}

// take waits for a batch to send. It returns nil when the writer stops.
func (w *Writer) take() *batch {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.err == nil {
		var b *batch
		switch {
		case len(w.full) > 0:
			b = w.full[0]
			w.full = append(w.full[:0], w.full[1:]...)
		case len(w.open.items) > 0 && (w.open.number <= w.due || len(w.open.items) >= w.o.MaxItems):
			b = w.open
			w.nextOpen()
		}
		if b != nil {
			w.sending[b.number] = struct{}{}
			w.changed.Broadcast()
			return b
		}
		w.changed.Wait()
	}
	return nil
}

// release ends a batch, done or abandoned, and keeps its memory.
func (w *Writer) release(b *batch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.sending, b.number)
	b.reset()
	if len(w.spare) <= w.o.InFlight+w.o.Queue {
		w.spare = append(w.spare, b)
	}
	w.changed.Broadcast()
}

// sender is the state of one of a writer's goroutines.
type sender struct {
	w       *Writer
	trouble spell
	tries   fault.Tries // since the server took something
	scratch []byte
}

// patience is how often in a row items may be put off before it is worth a
// message: a busy server answers 429 now and then, which is no trouble.
const patience = 3

// deliver sends items until each is settled. It fails when the writer is closed
// or must stop; then the rest is abandoned.
func (s *sender) deliver(b *batch, items []item) error {
	w := s.w
	for attempt := 0; len(items) > 0; attempt++ {
		if err := w.c.backoff(w.ctx, attempt); err != nil {
			return ErrClosed
		}
		silent := s.trouble.silence()
		part := items[:min(len(items), w.atOnce())]
		left, what, err := s.attempt(b, part)
		silent.Stop()
		if err != nil {
			return err
		}
		w.adapt(len(part), left, what)
		if len(left) < len(part) {
			attempt = 0 // the server takes some: the delay starts anew
			s.tries.Done()
		}
		if len(left) == 0 {
			s.trouble.end()
		} else if what.severe || attempt >= patience {
			s.trouble.begin(what.words)
		}
		items = append(left, items[len(part):]...) // moves them down where some of part is done
	}
	return nil
}

// leastAtOnce is how few documents a request is shrunk to.
const leastAtOnce = 16

// atOnce is how many documents go into a request at the moment, of a batch that may hold more.
func (w *Writer) atOnce() int { return w.o.MaxItems - int(w.held.Load()) }

// adapt halves the requests of a server that is full (429), and lets them grow by an
// eighth with each that it takes whole.
func (w *Writer) adapt(sent int, left []item, what failure) {
	now := w.atOnce()
	switch {
	case len(left) > 0 && what.reason == RetryThrottled:
		now = min(now, max(sent/2, min(leastAtOnce, w.o.MaxItems)))
	case len(left) == 0 && now < w.o.MaxItems:
		now = min(now+now/8+1, w.o.MaxItems)
	}
	w.held.Store(int64(w.o.MaxItems - now))
}

// failure is why some items are tried again.
type failure struct {
	reason RetryReason
	words  string
	severe bool // tell at once
}

// attempt sends items once and returns those that are left, in their order.
func (s *sender) attempt(b *batch, items []item) ([]item, failure, error) {
	w := s.w
	r := request{op: "bulk", method: http.MethodPost, of: w.c.bulk}
	r.body, s.scratch = b.bodyOf(items, s.scratch)
	w.requests.Add(1)
	w.bytes.Add(int64(len(r.body)))
	began := w.c.o.Clock()
	a, err := w.c.once(w.ctx, &r)
	if w.o.OnRequest != nil {
		w.o.OnRequest(len(r.body), w.c.o.Clock().Sub(began))
	}
	if err != nil {
		again, final := w.c.judge("bulk", &s.tries, err)
		if final != nil {
			return nil, failure{}, final
		}
		return items, w.putOff(len(items), transportFailure(err, again)), nil
	}
	if a.status < 200 || a.status >= 300 {
		return s.refusedWhole(b, items, a)
	}
	if allWritten(a.body, len(items)) {
		for _, it := range items {
			w.settled(it)
			w.tell(b, it)
		}
		w.written.Add(int64(len(items)))
		return nil, failure{}, nil
	}
	verdicts, err := parseBulk(a.body, len(items))
	if err != nil {
		return items, w.putOff(len(items), failure{RetryGarbled, err.Error(), true}), nil
	}
	return s.judge(b, items, verdicts)
}

// refusedWhole handles an answer that judges no item. A request that is too
// large, or one item of which the server will not even look at, is halved.
func (s *sender) refusedWhole(b *batch, items []item, a answer) ([]item, failure, error) {
	x := parseException(a.body)
	class, reason := ClassifyAnswer(a.status, x.Type, x.words())
	if reason == RetryCredentials {
		if _, final := s.w.c.judge("bulk", &s.tries, s.w.c.refused("bulk", a.status, x)); final != nil {
			return nil, failure{}, final
		}
	}
	switch {
	case class == Retry:
		words := fmt.Sprintf("status %d %s %s", a.status, x.Type, x.words())
		return items, s.w.putOff(len(items), failure{reason, words, true}), nil
	case class == Split && len(items) > 1:
		s.w.retries[RetrySplit].Add(int64(len(items)))
		half := len(items) / 2
		if err := s.deliver(b, items[:half:half]); err != nil {
			return nil, failure{}, err
		}
		return nil, failure{}, s.deliver(b, items[half:])
	case class == Split:
		return s.poison(b, items[:0], items[0], Refusal{a.status, x.Type, x.words()})
	}
	return nil, failure{}, s.w.c.refused("bulk", a.status, x)
}

// judge settles each item by its own verdict.
func (s *sender) judge(b *batch, items []item, verdicts []verdict) ([]item, failure, error) {
	w := s.w
	left := items[:0] // never overtakes the loop: an item leaves at most one behind
	var worst failure
	for i, v := range verdicts {
		it := items[i]
		class, reason := ClassifyItem(v.Status, v.Error.Type, v.Error.Reason)
		switch class {
		case Done:
			w.written.Add(1)
			w.settled(it)
			w.tell(b, it)
		case Repeat:
			w.repeats.Add(1)
			w.settled(it)
		case Retry:
			words := fmt.Sprintf("index %s: status %d %s %s", it.index, v.Status, v.Error.Type, v.Error.words())
			if v.Status == http.StatusNotFound {
				words += " (is action.auto_create_index off?)" // then the server says no more than this
			}
			if f := w.putOff(1, failure{reason, words, reason == RetryReadOnly || v.Error.Type == "unavailable_shards_exception"}); !worst.severe {
				worst = f
			}
			left = append(left, it)
		case Fatal:
			return nil, failure{}, w.c.refused("write to index "+it.index, v.Status, v.Error)
		default:
			var err error
			if left, _, err = s.poison(b, left, it, Refusal{v.Status, v.Error.Type, v.Error.words()}); err != nil {
				return nil, failure{}, err
			}
		}
	}
	return left, worst, nil
}

// poison hands a document to OnPoison and appends what is written instead.
func (s *sender) poison(b *batch, left []item, it item, why Refusal) ([]item, failure, error) {
	w := s.w
	w.poisoned.Add(1)
	w.settled(it)
	d := b.document(it)
	if w.o.OnPoison == nil {
		return nil, failure{}, fmt.Errorf("write document %s to index %s: refused for good: %s", d.ID, d.Index, why)
	}
	instead, err := w.o.OnPoison(d, why)
	if err != nil {
		return nil, failure{}, err
	}
	if instead != nil {
		next := b.add(instead)
		w.queued.Add(1)
		w.queuedBytes.Add(int64(next.end - next.start))
		left = append(left, next)
	}
	return left, failure{}, nil
}

// settled counts an item out of the queue.
func (w *Writer) settled(it item) {
	w.queued.Add(-1)
	w.queuedBytes.Add(int64(it.start - it.end))
}

// tell hands a written item to OnWritten.
func (w *Writer) tell(b *batch, it item) {
	if w.o.OnWritten != nil {
		w.o.OnWritten(Document{Index: it.index, ID: it.id, Version: it.version, Source: b.body[it.source : it.end-1 : it.end-1], Value: it.value})
	}
}

// putOff counts n items that are to be tried again.
func (w *Writer) putOff(n int, f failure) failure {
	w.retries[f.reason].Add(int64(n))
	return f
}

// transportFailure is why a request without an answer is tried again; words tell it.
func transportFailure(err, words error) failure {
	f := failure{RetryUnreachable, words.Error(), true}
	var timeout net.Error
	switch {
	case fault.Classify(err) == fault.Renew:
		f.reason = RetryCredentials
	case errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout()):
		f.reason = RetryTimeout
	}
	return f
}
