package backfill

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/internal/opensearch"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// Config is one backfill.
type Config struct {
	Job      job.Config // rules, windows and prefix; the rest is Run's
	Parallel int        // spans at a time
	Began    int64      // when the backfill began, ms: the arrival of every trip
	After    int64      // event times before it are done
	// Also makes a second sink for the documents of an alias in a span; nil: there is none.
	Also func(span int64, alias string) engine.Sink[opensearch.Document]
	// Deliver takes the documents of the spans, one span at a time and in their order, sorted by monthly index
	// and id. Once it returns nil everything before done.To may be forgotten.
	Deliver func(ctx context.Context, docs []opensearch.Document, done Done) error

	spanTrips int64 // 0: the package's
}

// Done is what has been computed so far, in this run.
type Done struct {
	To        int64 // every trip of an event time before it
	Trips     int64 // read, counted or not
	Documents int64
	Rejects   map[trip.Reason]int64
	// Dropped are trips that have no form as an event, of all that was read, also before After.
	Dropped int64
}

// result is what a span's job brings; done is closed when it has ended.
type result struct {
	span   *span
	out    *collector
	counts job.Counts
	err    error
	done   chan struct{}
}

// Run computes the documents of all trips. It returns when all are delivered, at the first
// error, or when ctx ends.
func Run(ctx context.Context, in Trips, c Config) (total Done, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cut := &cutter{
		in: in, period: period(c.Job.Rules.HotspotWindow, c.Job.Rules.AirportWindow), after: c.After,
		prev: math.MinInt64, enough: cmp.Or(c.spanTrips, spanTrips),
	}
	total.Rejects = map[trip.Reason]int64{}
	r := &run{c: c, cut: cut, queue: make(chan *result, max(c.Parallel-1, 1))}
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(r.queue)
		if err := cut.each(ctx, func(s *span) error { return r.begin(ctx, s) }); err != nil {
			cancel(err)
		}
	})
	for n := range r.queue {
		if err := r.deliver(ctx, n, &total); err != nil {
			cancel(err)
		}
	}
	reader.Wait()
	r.jobs.Wait()
	total.Dropped = cut.dropped
	return total, context.Cause(ctx)
}

type run struct {
	c     Config
	cut   *cutter
	queue chan *result
	jobs  sync.WaitGroup

	elements sync.Pool // of *[]engine.Element[job.Record]
}

// begin starts the job of a span, once one of those before it is delivered.
func (r *run) begin(ctx context.Context, s *span) error {
	n := &result{span: s, out: &collector{prefix: r.c.Job.IndexPrefix}, done: make(chan struct{})}
	select {
	case r.queue <- n:
	case <-ctx.Done():
		return ctx.Err()
	}
	r.jobs.Go(func() {
		defer close(n.done)
		n.err = r.compute(ctx, n)
	})
	return nil
}

// compute runs the dataflow over one span.
func (r *run) compute(ctx context.Context, n *result) error {
	c := r.c.Job
	c.EventTime = job.EventTime{Mode: job.Producer}
	c.Counts = &n.counts
	config := engine.Config{Name: "backfill", Parallelism: 1, MaxStateEntries: -1}
	if r.c.Also != nil {
		c.Also = func(alias string) engine.Sink[opensearch.Document] { return r.c.Also(n.span.from, alias) }
		config.Store = checkpoint.NewMemory(1) // its files become visible with the last checkpoint
	}
	j := engine.NewJob(config)
	job.Build(j, c, &source{span: n.span, cutter: r.cut, kept: &r.elements, origin: &job.Origin{Shard: "backfill", Sequence: "0", Arrival: r.c.Began}}, n.out)
	return j.Run(ctx)
}

// deliver waits for a span and hands its documents on.
func (r *run) deliver(ctx context.Context, n *result, total *Done) error {
	<-n.done
	if n.err != nil {
		return fmt.Errorf("the time from %s on: %w", time.UnixMilli(n.span.from).UTC().Format(time.RFC3339), n.err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	docs := n.out.sorted()
	total.To = n.span.to
	total.Trips += n.span.trips
	total.Documents += int64(len(docs))
	for reason, k := range n.counts.Rejects() {
		total.Rejects[reason] += k
	}
	return r.c.Deliver(ctx, docs, *total)
}
