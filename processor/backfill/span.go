package backfill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"taxistream/internal/trip"
)

// Trips is an input in event-time order.
type Trips interface {
	// Next fills buf and returns how many trips it holds; io.EOF at the end.
	Next(buf []trip.Trip) (int, error)
}

const (
	batchTrips = 1024    // that are handed over at a time
	spanTrips  = 1 << 16 // a span ends at the first edge behind so many
	// aheadTrips of a span may wait for its job: enough for a usual span, so that the next one is read
	// meanwhile. A span without an edge is held up by its job and takes no more memory.
	aheadTrips = 2 * spanTrips
)

// span is a stretch of event time, from an edge before its first trip to the edge
// behind its last.
type span struct {
	from, to int64            // ms; to is known when batches is closed
	trips    int64            // likewise
	batches  chan []trip.Trip // closed behind the last
}

// period is the least length of which both windows are divisors, in ms; 0: it is too long to matter.
func period(hotspots, airports time.Duration) int64 {
	a, b := hotspots.Milliseconds(), airports.Milliseconds()
	d := a
	for r := b; r != 0; {
		d, r = r, d%r
	}
	if a/d > math.MaxInt64/b {
		return 0
	}
	return a / d * b
}

// cutter cuts sorted trips into spans.
type cutter struct {
	in     Trips
	period int64 // ms; 0: there is one span
	after  int64 // event times before it are left out: their spans are done
	free   sync.Pool
	buf    []trip.Trip // what was read and belongs to the next span
	prev   int64
	enough int64 // trips of a span: it ends at the next edge
	// dropped counts trips that have no form as an event: times that cannot be written, numbers not finite;
	// those before after, too: so the last of several starts knows all of them.
	dropped int64
	over    bool
}

// edge is the first edge behind an event time.
func (c *cutter) edge(t int64) int64 {
	if c.period == 0 {
		return math.MaxInt64
	}
	return trip.WindowStart(t, c.period) + c.period
}

// each hands each span to begin before it reads its trips. It returns when all are read.
func (c *cutter) each(ctx context.Context, begin func(*span) error) error {
	if err := c.fill(); err != nil {
		return err
	}
	for len(c.buf) > 0 {
		s := &span{from: c.edge(c.buf[0].EventTime()) - c.period, batches: make(chan []trip.Trip, aheadTrips/batchTrips)}
		if err := begin(s); err != nil {
			return err
		}
		if err := c.read(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// read hands over the trips of one span.
func (c *cutter) read(ctx context.Context, s *span) error {
	defer close(s.batches)
	s.to = c.edge(c.buf[0].EventTime())
	for len(c.buf) > 0 {
		n := 0
		for n < len(c.buf) && c.buf[n].EventTime() < s.to {
			n++
		}
		if n == 0 && s.trips < c.enough {
			s.to = c.edge(c.buf[0].EventTime())
			continue
		}
		if n == 0 {
			return nil
		}
		batch := append(c.batch(), c.buf[:n]...)
		s.trips += int64(n)
		select {
		case s.batches <- batch:
		case <-ctx.Done():
			return ctx.Err()
		}
		if c.buf = c.buf[n:]; len(c.buf) == 0 {
			if err := c.fill(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *cutter) batch() []trip.Trip {
	if b, ok := c.free.Get().(*[]trip.Trip); ok {
		return (*b)[:0]
	}
	return make([]trip.Trip, 0, batchTrips)
}

// fill reads the next trips that are events and not yet done; none: the input is at its end.
func (c *cutter) fill() error {
	for !c.over {
		buf := c.batch()[:batchTrips]
		n, err := c.in.Next(buf)
		if c.over = errors.Is(err, io.EOF); err != nil && !c.over {
			return err
		}
		kept := buf[:0]
		for i := range buf[:n] {
			t := &buf[i]
			at := t.EventTime()
			switch {
			case at < c.prev:
				return fmt.Errorf("trip %d of event time %d ms follows one of %d ms: the input is not in event-time order", t.ID, at, c.prev)
			case !trip.Writable(t.Pickup) || !trip.Writable(t.Dropoff) || !t.Finite():
				c.dropped++
			case at < c.after:
			default:
				kept = append(kept, *t)
			}
			c.prev = at
		}
		if c.buf = kept; len(kept) > 0 {
			return nil
		}
	}
	c.buf = nil
	return nil
}
