package app

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/mutant"
	"taxistream/internal/trip"
	"taxistream/producer/put"
	"taxistream/producer/replay"
	"taxistream/producer/watermark"
)

// Stream is what a producer needs of a Kinesis stream. Both calls are made by
// several goroutines at a time.
type Stream interface {
	put.Caller
	// OpenShards lists the shards that take records.
	OpenShards(ctx context.Context) ([]put.Shard, error)
}

// Limits that need no flag.
const (
	readBatch    = 1024 // trips the reader hands over at a time
	readAhead    = 4    // such batches that wait
	feedBatch    = 512  // trips that the tracker takes as one
	paceTick     = 20 * time.Millisecond
	mapInterval  = 10 * time.Second       // between looks at the shard map
	staleBackoff = 200 * time.Millisecond // between looks while it is out of date
)

// loop is the producer at work: one goroutine owns everything here, and is told
// by channels what the reader, the calls and the looks at the shard map bring.
type loop struct {
	c        *Config
	now      func() time.Time
	log      *slog.Logger
	stream   Stream
	classify func(error) fault.Class
	input    Input          // what replay reads; the reader's alone
	replay   *replay.Replay // likewise
	pace     *replay.Pace
	shifter  *replay.Shifter
	gaps     *replay.Gaps
	tracker  *watermark.Tracker
	writer   *put.Writer
	sender   *watermark.Sender
	due      *watermark.Schedule
	notes    *notes // nil: without -resume
	failed   error  // the progress could not be noted

	batches chan batch       // from the reader
	empty   chan []trip.Trip // back to it
	answers chan answer
	maps    chan shards
	stop    chan struct{} // closed: end in good order
	unread  func()        // the reader is not to be heard any more
	timer   *time.Timer
	wg      sync.WaitGroup // the reader, the calls, the looks at the shard map

	current   batch
	exhausted bool // the reader has no more, or is not to be heard any more
	cut       bool // by -until or by stop: no end watermark
	told      bool // to stop
	passes    int
	read      int64
	crossing  crossing
	crossed   int64 // gaps
	warned    bool  // of events too far in the future
	refresh   refresh
	shards    *put.Map // of the last look; nil before the first

	started     time.Time
	nextPublish time.Time
	rate        rate
	stats       *atomic.Pointer[Stats]
}

// batch is what the reader hands over.
type batch struct {
	trips  []trip.Trip // those not yet sent
	buf    []trip.Trip // their memory
	shift  int64       // of their pass
	passes int
	last   int64 // event time of each pass's last trip, from the second pass on
	cut    bool  // passes end because of -until, from the second pass on and with end
	end    bool  // no more follow
	err    error
}

// answer is the end of a call; req is nil for watermarks.
type answer struct {
	req     *put.Request
	results []put.Result
	err     error
}

// run sends all events. It returns when all are acknowledged and the last
// watermark is on every shard, or when that cannot be.
func (l *loop) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer l.wg.Wait()
	defer cancel()
	defer l.unread()
	l.timer = time.NewTimer(time.Hour)
	defer l.timer.Stop()
	l.wg.Go(func() { l.readAll(ctx) })
	for {
		now := l.now()
		l.feed(now)
		l.cross(now)
		l.mark(now)
		done := l.ending()
		if l.failed != nil {
			return l.failed
		}
		l.call(ctx, now)
		l.look(ctx, now)
		l.publish(now, done)
		if done {
			return nil
		}
		if err := l.wait(ctx, now); err != nil {
			return err
		}
	}
}

// readAll is the reader: it ends with the input, an error or ctx.
func (l *loop) readAll(ctx context.Context) {
	for given := l.notes.finished(); ; {
		var b batch
		select {
		case b.buf = <-l.empty:
		case <-ctx.Done():
			return
		}
		n, shift, err := l.replay.Next(ctx, b.buf)
		b.trips, b.shift, b.passes = b.buf[:n], shift, l.replay.Passes()
		b.last, b.cut = l.replay.PassEnd(), l.replay.Cut()
		b.end, b.err = err != nil, err
		if given = given || n > 0; err == io.EOF && !given {
			b.err = l.nothing()
		}
		select {
		case l.batches <- b:
		case <-ctx.Done():
			return
		}
		if b.end {
			return
		}
	}
}

// feed hands the writer up to one feedBatch of trips that are due.
func (l *loop) feed(now time.Time) {
	n := l.feedable(now)
	if n == 0 {
		if !l.c.Aggregate {
			l.writer.Flush() // nothing follows at once, so nothing is worth waiting for
		}
		return
	}
	l.warn(now, l.current.trips[:n])
	if !l.noted(l.begin(now)) {
		return
	}
	l.gaps.Note(l.current.trips[n-1].EventTime() + l.current.shift)
	trips := l.shifter.Apply(now, l.current.shift, l.current.trips[:n])
	l.read += int64(n)
	l.current.trips = l.current.trips[n:]
	if len(trips) == 0 {
		return
	}
	id := l.tracker.Add(trips[0].EventTime(), trips[len(trips)-1].EventTime(), len(trips))
	l.writer.Add(id, trips)
	l.due.Read(len(trips))
}

// feedable is how many trips of the current batch may go now: those that are due
// and lie before a gap.
func (l *loop) feedable(now time.Time) int {
	trips := l.current.trips
	room := min(l.writer.Room(), feedBatch, len(trips))
	if room <= 0 {
		return 0
	}
	l.pace.Begin(now, trips[0].EventTime()+l.current.shift)
	due := l.pace.Due(now)
	n := 0
	for n < room && trips[n].EventTime() <= due-l.current.shift {
		n++
	}
	return l.gaps.Until(trips[:n], l.current.shift)
}

// mark sends what is held back when a watermark is due, and begins the
// watermark once it is true.
func (l *loop) mark(now time.Time) {
	last, _ := l.tracker.Last()
	if l.due.Due(now, last) {
		l.writer.Flush()
	}
	low := l.tracker.Low()
	if l.sender.Busy() || !l.due.Ready(low) {
		return
	}
	if mutant.Is(mutant.WatermarkEarly) {
		low = last - 1
	}
	acknowledged := low
	if mutant.Is(mutant.NotedEarly) {
		acknowledged = last - 1
	}
	if !l.noted(l.notes.sent(acknowledged)) {
		return
	}
	if !l.c.NoWatermark && low > l.sender.Last() && trip.Writable(low) {
		l.sender.Begin(low)
	}
	l.due.Sent(low)
}

// call starts the calls that are due; each is a goroutine that ends with it.
func (l *loop) call(ctx context.Context, now time.Time) {
	for req := l.writer.Next(now); req != nil; req = l.writer.Next(now) {
		l.wg.Go(func() {
			results, err := l.stream.PutRecords(ctx, req.Entries)
			l.answers <- answer{req, results, err}
		})
	}
	if entries := l.sender.Next(now); entries != nil {
		l.wg.Go(func() {
			results, err := l.stream.PutRecords(ctx, entries)
			l.answers <- answer{nil, results, err}
		})
	}
}
