package opensearch

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// WriterOptions are the limits of a Writer. Its memory is at most
// (1 + Queue + InFlight) batches of MaxBytes, or of one larger document.
type WriterOptions struct {
	MaxItems      int           // documents in a request; 0: 1,000
	MaxBytes      int           // bytes in a request, but for a single larger document; 0: 5 MiB
	FlushInterval time.Duration // a document waits at most so long for its batch to fill; 0: 200 ms
	InFlight      int           // requests at the same time; 0: 2
	Queue         int           // full batches that wait for a request; 0: 1

	// OnPoison is told of a document that the server refuses for good, and
	// gives the document to write in its place, if any. It may keep d. An
	// error stops the writer. It may be called from several goroutines and must
	// not call the writer. Nil: the first refusal stops the writer.
	OnPoison func(d Document, why Refusal) (instead *Document, err error)

	// OnWritten is told of each document that the server took, before a Flush
	// that waits for it returns. Its Source is the writer's: copy what is kept.
	// It may be called from several goroutines, must not call the writer, and
	// holds up the requests while it runs. Nil: nobody is told.
	OnWritten func(d Document)

	// OnRequest is told the size of each bulk request and how long it took until its answer, or its
	// failure, by Options.Clock. Nil: nobody is told.
	OnRequest func(bytes int, took time.Duration)
}

// Writer gathers documents into bulk requests. It is safe for many goroutines.
//
// Requests in flight overtake each other, and one id may be in two of them: with
// external_gte versions the newest wins in any order, so this is harmless.
type Writer struct {
	c *Client
	o WriterOptions
	counters

	held atomic.Int64 // by how many documents requests are smaller than MaxItems, because the server was full

	ctx    context.Context //nolint:containedctx // ends with Close: the life of the senders
	cancel context.CancelFunc
	group  sync.WaitGroup
	timer  *time.Timer

	mu      sync.Mutex
	changed sync.Cond // of anything below
	open    *batch    // takes documents; never nil
	due     uint64    // an open batch up to this number is sent though it is not full
	full    []*batch  // waits for a sender
	spare   []*batch
	sending map[uint64]struct{} // numbers of the batches that senders hold
	err     error               // why nothing more is taken
}

// NewWriter starts a writer and its InFlight senders, which end with Close.
func NewWriter(c *Client, o WriterOptions) *Writer {
	o.MaxItems = cmp.Or(o.MaxItems, 1000)
	o.MaxBytes = cmp.Or(o.MaxBytes, 5<<20)
	o.FlushInterval = cmp.Or(o.FlushInterval, 200*time.Millisecond)
	o.InFlight = cmp.Or(o.InFlight, 2)
	o.Queue = cmp.Or(o.Queue, 1)
	w := &Writer{c: c, o: o, sending: make(map[uint64]struct{}), open: &batch{number: 1}}
	w.changed.L = &w.mu
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.timer = time.AfterFunc(time.Hour, w.tick)
	w.timer.Stop()
	for range o.InFlight {
		w.group.Go(w.run)
	}
	return w
}

// Add takes a copy of d to be written. It waits while all batches are full or in
// flight: that is the backpressure. It fails when ctx ends, after Close, and
// after an error that stopped the writer.
func (w *Writer) Add(ctx context.Context, d Document) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil && w.isFull(w.open, &d) && len(w.full) >= w.o.Queue {
		w.waits.Add(1)
		if err := w.wait(ctx, func() bool { return !w.isFull(w.open, &d) || len(w.full) < w.o.Queue }); err != nil {
			return err
		}
	}
	if w.err != nil {
		return w.err
	}
	if w.isFull(w.open, &d) {
		w.seal()
	}
	if len(w.open.items) == 0 {
		w.timer.Reset(w.o.FlushInterval)
	}
	before := len(w.open.body)
	w.open.add(&d)
	w.queued.Add(1)
	w.queuedBytes.Add(int64(len(w.open.body) - before))
	if len(w.open.items) >= w.o.MaxItems && len(w.full) < w.o.Queue {
		w.seal()
	}
	return nil
}

// Flush returns when every document added before the call is written, found to
// be a repeat, or replaced after OnPoison. It does not wait for a batch to fill.
// It fails like Add; then some of them may not be written.
func (w *Writer) Flush(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := w.open.number
	if len(w.open.items) == 0 {
		last--
	}
	w.due = max(w.due, last)
	w.changed.Broadcast()
	if w.err != nil {
		return w.err
	}
	return w.wait(ctx, func() bool { return w.oldest() > last })
}

// Close ends the senders and waits for them. Documents that were not flushed are
// abandoned (Stats.Queued); the caller writes them again from its last checkpoint.
func (w *Writer) Close() {
	w.stop(ErrClosed)
	w.group.Wait()
}

func (w *Writer) stop(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Stop()
	if w.err == nil {
		w.err = err
	}
	w.cancel()
	w.changed.Broadcast()
}

// wait blocks until ok holds, the writer stops or ctx ends. The lock is held
// whenever ok runs.
func (w *Writer) wait(ctx context.Context, ok func() bool) error {
	stop := context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.changed.Broadcast()
	})
	defer stop()
	for w.err == nil && !ok() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.changed.Wait()
	}
	return w.err
}

func (w *Writer) isFull(b *batch, d *Document) bool {
	return len(b.items) >= w.o.MaxItems || (len(b.items) > 0 && len(b.body)+actionSize(d) > w.o.MaxBytes)
}

// seal moves the open batch to the full ones and opens another.
func (w *Writer) seal() {
	w.full = append(w.full, w.open)
	w.nextOpen()
	w.changed.Broadcast()
}

func (w *Writer) nextOpen() {
	var b *batch
	if n := len(w.spare); n > 0 {
		b, w.spare = w.spare[n-1], w.spare[:n-1]
	} else { // as much as the one before took: it need not grow
		b = &batch{body: make([]byte, 0, min(cap(w.open.body), maxSpare)), items: make([]item, 0, cap(w.open.items))}
	}
	b.number = w.open.number + 1
	w.open = b
	w.timer.Stop()
}

// oldest is the number of the first batch that is not yet done.
func (w *Writer) oldest() uint64 {
	n := w.open.number
	for _, b := range w.full {
		n = min(n, b.number)
	}
	for k := range w.sending {
		n = min(n, k)
	}
	return n
}

// tick is called when the open batch has waited for FlushInterval.
func (w *Writer) tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.open.items) > 0 {
		w.due = max(w.due, w.open.number)
		w.changed.Broadcast()
	}
}
