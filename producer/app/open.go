package app

import (
	"context"
	"errors"
	"math"
	"time"

	"taxistream/data/sort"
	"taxistream/data/trips"
	"taxistream/internal/awsconf"
	"taxistream/internal/kinesis"
	"taxistream/internal/s3"
	"taxistream/producer/put"
	"taxistream/producer/replay"
)

// New checks the configuration, opens the sources and finds the stream. A
// stream in CREATING is waited for up to 60 s, a service that cannot be reached
// for as long as ctx lives. The error is one line that says what to do.
func New(ctx context.Context, c *Config) (*Producer, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	aws, err := awsconf.Load(ctx, awsconf.Options{Region: c.Region, Endpoint: c.Endpoint, Dial: c.Dial})
	if err != nil {
		return nil, err
	}
	input, err := openInput(ctx, c)
	if err != nil {
		return nil, err
	}
	k := client{kinesis.New(aws, c.Stream), c.now, c.PutTime.Observe}
	open, err := find(ctx, c, k)
	if err != nil {
		return nil, errors.Join(err, input.Close())
	}
	return newProducer(c, input, target(k), open)
}

// s3Wait is the time between two looks for a service that is not reached.
const s3Wait = 2 * time.Second

// openInput opens the sources. S3 is waited for, as long as ctx lives, while it
// cannot be reached.
func openInput(ctx context.Context, c *Config) (*sort.Stream, error) {
	for said := false; ; said = true {
		// The input lives until Run closes it: it must outlive the wait for the stream.
		input, err := sort.Open(context.WithoutCancel(ctx), c.sources(), sortOptions(c))
		if !s3.Unreached(err) {
			return input, err
		}
		if !said {
			c.log().Info("S3 does not answer; waiting for it", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(s3Wait):
		}
	}
}

// sortOptions leave out what lies before -seek. What lies behind -until is left
// to the replay, which has to know whether there is any.
func sortOptions(c *Config) sort.Options {
	o := sort.Options{Places: trips.Places{S3: c.s3}}
	if c.Seek != replay.NoSeek {
		o.First, o.Last = c.Seek, math.MaxInt64
	}
	return o
}

// s3 gives the client of s3:// sources: where the stream is, but for an endpoint
// that has no S3. AWS_ENDPOINT_URL_S3 names another.
func (c *Config) s3(ctx context.Context) (*s3.Client, error) {
	o := awsconf.Options{Region: c.Region, Endpoint: c.Endpoint}
	if c.KinesisOnly {
		o.Endpoint = ""
	}
	aws, err := awsconf.Load(ctx, o)
	if err != nil {
		return nil, err
	}
	return s3.New(aws), nil
}

// find waits for the stream and returns its open shards.
func find(ctx context.Context, c *Config, k client) ([]put.Shard, error) {
	notify := func(text string) { c.log().Info(text) }
	for {
		if _, err := k.WaitActive(ctx, notify); err != nil {
			return nil, err
		}
		open, err := k.OpenShards(ctx)
		if err == nil || ctx.Err() != nil || classify(err) == put.Fatal {
			return open, err
		}
	}
}
