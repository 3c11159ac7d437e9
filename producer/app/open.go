package app

import (
	"cmp"
	"context"
	"errors"
	"math"

	"taxistream/data/sort"
	"taxistream/data/trips"
	"taxistream/internal/awsconf"
	"taxistream/internal/fault"
	"taxistream/internal/kinesis"
	"taxistream/internal/s3"
	"taxistream/producer/put"
	"taxistream/producer/replay"
)

// New checks the configuration, opens the sources and finds the stream. A
// stream in CREATING is waited for up to 60 s, a service that cannot be reached
// for as long as ctx lives, but at most 5 minutes. The error is one line that says
// what to do.
func New(ctx context.Context, c *Config) (*Producer, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	aws, err := awsconf.Load(ctx, awsconf.Options{
		Region: cmp.Or(c.Region, kinesis.StreamRegion(c.Stream)), Endpoint: c.Endpoint, Service: awsconf.Kinesis, Embedded: c.KinesisOnly, Dial: c.Dial,
	})
	if err != nil {
		return nil, err
	}
	progress, err := openNotes(c)
	if err != nil {
		return nil, err
	}
	// The input lives until nobody reads it: it must outlive the wait for the stream, and a stop.
	life, unread := context.WithCancel(context.WithoutCancel(ctx))
	input, err := openInput(ctx, life, c, progress)
	if err != nil {
		unread()
		return nil, errors.Join(err, progress.close())
	}
	k := client{kinesis.New(aws, c.Stream), c.now, c.PutTime.Observe}
	open, err := find(ctx, c, k, progress)
	if err != nil {
		unread()
		return nil, errors.Join(err, input.Close(), progress.close())
	}
	p, err := newProducer(c, input, target(k), open)
	if err != nil {
		unread()
		return nil, errors.Join(err, input.Close(), progress.close())
	}
	p.unread, p.notes = unread, progress
	return p, nil
}

// openInput opens the sources, whose reading ends with life. Nothing is read where
// all is sent.
func openInput(ctx, life context.Context, c *Config, progress *notes) (Input, error) {
	if progress.finished() {
		return allSent{}, nil
	}
	opening, cancel := context.WithCancel(life)
	told := context.AfterFunc(ctx, cancel) // a stop ends the opening only
	input, err := sort.Open(opening, c.sources(), sortOptions(c))
	if told() || err != nil {
		return input, err
	}
	return nil, errors.Join(ctx.Err(), input.Close())
}

// sortOptions leave out what lies before -seek. What lies behind -until is left
// to the replay, which has to know whether there is any.
func sortOptions(c *Config) sort.Options {
	o := sort.Options{Places: trips.Places{S3: c.s3, HTTP: awsconf.Client, Notify: func(text string) { c.log().Warn(text) }}}
	if c.Seek != replay.NoSeek {
		o.First, o.Last = c.Seek, math.MaxInt64
	}
	return o
}

// s3 gives the client of s3:// sources: where the stream is, but for an endpoint
// that has no S3. AWS_ENDPOINT_URL_S3 names another.
func (c *Config) s3(ctx context.Context) (*s3.Client, error) {
	o := awsconf.Options{Region: c.Region, Service: awsconf.S3}
	if !c.KinesisOnly {
		o.Default = c.Endpoint
	}
	aws, err := awsconf.Load(ctx, o)
	if err != nil {
		return nil, err
	}
	client := s3.New(aws)
	client.Notify = func(text string) { c.log().Warn(text) }
	return client, nil
}

// find waits for the stream, which must be that of the progress, and returns its
// open shards.
func find(ctx context.Context, c *Config, k client, progress *notes) ([]put.Shard, error) {
	ctx, cancel := fault.Start(ctx, c.StartWait)
	defer cancel()
	for tries := (fault.Tries{}); ; {
		stream, err := k.WaitActive(ctx, func(text string) { c.log().Warn(text) })
		if err == nil {
			err = progress.of(stream)
		}
		if err != nil {
			return nil, err
		}
		open, err := k.OpenShards(ctx)
		if err == nil {
			return open, nil
		}
		pause, final := tries.Failed(err)
		if final != nil {
			return nil, final
		}
		if fault.Sleep(ctx, pause) != nil {
			return nil, fault.GaveUp(ctx, err)
		}
	}
}
