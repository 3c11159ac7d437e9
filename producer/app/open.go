package app

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"taxistream/data/sort"
	"taxistream/internal/awsconf"
	"taxistream/internal/kinesis"
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
	aws, err := awsconf.Load(ctx, awsconf.Options{Region: c.Region, Endpoint: c.Endpoint})
	if err != nil {
		return nil, err
	}
	// The input lives until Run closes it: it must outlive the wait for the stream.
	input, err := sort.Open(context.WithoutCancel(ctx), c.Sources, sortOptions(c))
	if err != nil {
		return nil, err
	}
	k := kinesis.New(aws, c.Stream)
	open, err := find(ctx, c, k)
	if err != nil {
		return nil, errors.Join(err, input.Close())
	}
	return newProducer(c, input, target(k), open)
}

// sortOptions leave out what lies before -seek. What lies behind -until is left
// to the replay, which has to know whether there is any.
func sortOptions(c *Config) sort.Options {
	if c.Seek == replay.NoSeek {
		return sort.Options{}
	}
	return sort.Options{First: c.Seek, Last: math.MaxInt64}
}

// find waits for the stream and returns its open shards.
func find(ctx context.Context, c *Config, k *kinesis.Client) ([]put.Shard, error) {
	notify := func(text string) { c.log().Info(text) }
	backoff := put.Backoff{Base: 200 * time.Millisecond, Max: 5 * time.Second, Rand: rand.New(rand.NewPCG(rand.Uint64(), 0))}
	for failures := 1; ; failures++ {
		_, err := k.WaitActive(ctx, notify)
		var open []put.Shard
		if err == nil {
			open, err = client{k}.OpenShards(ctx)
		}
		if err == nil {
			if failures > 1 {
				c.log().Info("the stream is there", "tries", failures)
			}
			return open, nil
		}
		if class := classify(err); ctx.Err() != nil || class == put.Fatal || !retryable(err) {
			return nil, err
		}
		if failures == 1 {
			c.log().Warn("the stream cannot be reached, waiting for it", "error", err)
		}
		select {
		case <-time.After(backoff.Delay(failures)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// retryable reports whether the service spoke, or the way to it: what the client
// itself has found out about the stream wraps no error, and waiting was its part.
func retryable(err error) bool { return errors.Unwrap(err) != nil }
