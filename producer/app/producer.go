package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/stop"
	"taxistream/internal/trip"
	"taxistream/producer/put"
	"taxistream/producer/replay"
	"taxistream/producer/watermark"
)

// Input is the trips to replay and where they come from.
type Input interface {
	replay.Trips
	Close() error
}

// Target is what a producer writes to, and how its errors are to be taken.
type Target struct {
	Stream       Stream
	Classify     func(error) fault.Class
	NewAggregate func(hashKey string) put.Aggregate
	Seal         func([][]byte)
}

// Producer replays an input into a stream once.
type Producer struct {
	c      *Config
	input  Input
	target Target
	shards *put.Map
	stop   chan struct{}
	once   sync.Once
	stats  atomic.Pointer[Stats]
	flush  time.Duration      // the most between Stop and the end of Run
	notes  *notes             // nil: without -resume
	unread context.CancelFunc // ends what still reads the input; it is called once nobody listens
}

// newProducer joins what New has opened; open are the shards of the stream.
func newProducer(c *Config, input Input, target Target, open []put.Shard) (*Producer, error) {
	m, err := put.NewMap(open)
	if err != nil {
		return nil, err
	}
	p := &Producer{c: c, input: input, target: target, shards: m, stop: make(chan struct{}), flush: stop.Flush, unread: func() {}}
	p.stats.Store(&Stats{Watermark: watermark.None, EventTime: watermark.None})
	return p, nil
}

// Run sends the events and returns when all are acknowledged and the last
// watermark is on every open shard. It returns the input's errors, those of
// Kinesis that trying again does not cure, and ctx's error when ctx ends, which
// drops what is in flight; Stop is the orderly way. It may be called once.
func (p *Producer) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer p.within(cancel)()
	err := p.newLoop().run(ctx)
	s := *p.Stats()
	s.Done = true
	p.stats.Store(&s)
	if errors.Is(context.Cause(ctx), errFlush) {
		err = fmt.Errorf("stream %s did not take within %v what was in flight when the stop came: %d trips and the watermark behind them are not acknowledged; go on with %s: a trip sent twice counts once",
			p.c.Stream, p.flush, s.Outstanding, p.goOn())
	}
	return errors.Join(err, p.input.Close(), p.notes.close())
}

// goOn is how to start again after a stop.
func (p *Producer) goOn() string {
	if p.notes != nil {
		return "the same flags, -resume included"
	}
	return "-seek, or from the same sources"
}

// errFlush ends a run that was told to stop and cannot send what it has read.
var errFlush = errors.New("told to stop")

// within ends a run that goes on for too long after Stop, until the function that
// it returns is called.
func (p *Producer) within(cancel context.CancelCauseFunc) (done func()) {
	ended := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-p.stop:
		case <-ended:
			return
		}
		late := time.NewTimer(p.flush)
		defer late.Stop()
		select {
		case <-late.C:
			cancel(errFlush)
		case <-ended:
		}
	})
	return func() { close(ended); watch.Wait() }
}

// Stop makes Run end in good order: what was read is sent, and a watermark
// just below the last event. What the stream does not take within 20 s is named in
// Run's error. It may be called at any time, by anyone.
func (p *Producer) Stop() { p.once.Do(func() { close(p.stop) }) }

// Stats are the figures of at most 100 ms ago. The caller must not change the maps.
func (p *Producer) Stats() *Stats { return p.stats.Load() }

func (p *Producer) newLoop() *loop {
	c := p.c
	now := c.now()
	log := c.log()
	o := put.DefaultOptions(rand.Uint64())
	o.MaxOutstanding, o.Classify, o.Log = c.MaxOutstanding, p.target.Classify, log
	if c.Aggregate {
		o.NewAggregate, o.Seal = p.target.NewAggregate, p.target.Seal
	}
	l := &loop{
		c: c, now: c.now, log: log, stream: p.target.Stream, classify: p.target.Classify,
		input: p.input,
		replay: replay.New(p.input, replay.Options{
			Seek: c.Seek, Until: c.Until, Loop: c.Loop, Stamped: c.AdaptTime == string(replay.Ingestion),
		}),
		pace:    replay.NewPace(c.Speedup),
		shifter: replay.NewShifter(replay.Adapt(c.AdaptTime)),
		gaps:    replay.NewGaps(c.MaxGap),
		tracker: new(watermark.Tracker),
		sender:  watermark.NewSender(watermark.Options{Classify: o.Classify, Backoff: o.Throttle, Log: log}, p.shards),
		due:     watermark.NewSchedule(c.WatermarkInterval, watermarkEvents, now),
		batches: make(chan batch, readAhead),
		empty:   make(chan []trip.Trip, readAhead+2),
		answers: make(chan answer, o.Calls+1),
		maps:    make(chan shards, 1),
		stop:    p.stop,
		unread:  p.unread,
		started: now,
		refresh: refresh{next: now.Add(mapInterval)},
		stats:   &p.stats,
	}
	l.notes = p.notes
	l.resume()
	l.writer = put.NewWriter(o, p.shards, l.tracker)
	for range cap(l.empty) {
		l.empty <- make([]trip.Trip, readBatch)
	}
	return l
}

// now is the clock of the configuration.
func (c *Config) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now() // the default of the one program that has no clock of its own
}

// log is the logger of the configuration.
func (c *Config) log() *slog.Logger {
	if c.Logger != nil {
		return c.Logger
	}
	return slog.New(slog.DiscardHandler)
}
