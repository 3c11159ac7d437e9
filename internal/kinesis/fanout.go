package kinesis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/kinesis/wire"
)

// FanOut reads one shard by enhanced fan-out: the service pushes its records over a
// subscription, which it ends after five minutes. It is for one goroutine.
//
// Invariant: position is behind what Next has returned, and every subscription begins
// there. So whatever ends one, the next one leaves out nothing and repeats nothing.
type FanOut struct {
	reading
	consumer string
	events   *kinesis.SubscribeToShardEventStream // nil: none
	end      context.CancelFunc                   // of it
	silence  *time.Timer
	came     bool // an event came from it
	rival    bool // told of
}

const (
	// silenceLimit is how long a subscription may push nothing, not even that there is nothing.
	silenceLimit = 40 * time.Second
	// busyPause is between two tries while the service keeps the shard for the last subscription.
	busyPause = time.Second
)

// NewFanOut returns a reader that begins at a position, as a consumer (its ARN) that
// is registered. It does not connect. Close ends its subscription.
func (c *Client) NewFanOut(consumer, shard string, at Position, o ReaderOptions) *FanOut {
	return &FanOut{reading: c.reading(shard, at, o), consumer: consumer}
}

// Next returns the next records, which may be none at the tip. It waits out an
// unreachable service, for as long as ctx lives. An error is final.
func (r *FanOut) Next(ctx context.Context) (Batch, error) { return r.next(ctx, r.fetch, r.judge) }

// Close ends the subscription.
func (r *FanOut) Close() error {
	r.drop()
	return nil
}

func (r *FanOut) drop() {
	if r.events == nil {
		return
	}
	r.end()
	_ = r.events.Close() // its error is how the subscription ended, which Next has judged or nobody asks for
	r.events = nil
}

func (r *FanOut) fetch(ctx context.Context) (Batch, error) {
	for {
		if r.events == nil {
			if err := r.subscribe(ctx); err != nil {
				return Batch{}, err
			}
		}
		r.silence.Reset(silenceLimit)
		select {
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		case <-r.silence.C:
			return Batch{}, r.ended(fmt.Errorf("the subscription was silent for %v", silenceLimit))
		case e, more := <-r.events.Events():
			if more {
				if event, known := e.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent); known {
					return r.batch(&event.Value), nil
				}
				continue
			}
			if err := r.events.Err(); err != nil {
				return Batch{}, r.ended(err)
			}
			if !r.came {
				return Batch{}, r.ended(errors.New("the subscription ended before its first event"))
			}
			r.drop() // after its five minutes, or cut between two events
		}
	}
}

// cutError is how a subscription ended before its time. The next one will tell whether
// anything is wrong for good.
type cutError struct{ err error }

func (e *cutError) Error() string { return e.err.Error() }
func (e *cutError) Unwrap() error { return e.err }

func (r *FanOut) ended(err error) error {
	r.drop()
	return &cutError{err}
}

func (r *FanOut) subscribe(ctx context.Context) error {
	from := &types.StartingPosition{Type: r.position.Kind}
	switch r.position.Kind {
	case types.ShardIteratorTypeAtTimestamp:
		from.Timestamp = &r.position.Time
	case types.ShardIteratorTypeAfterSequenceNumber:
		from.SequenceNumber = &r.position.Sequence
	}
	r.Counters.Calls++
	// The subscription outlives this call, and ends with Close.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	stopped := context.AfterFunc(ctx, end)
	out, err := r.client.API.SubscribeToShard(life, &kinesis.SubscribeToShardInput{
		ConsumerARN: &r.consumer, ShardId: &r.shard, StartingPosition: from,
	}, wire.Subscription, func(o *kinesis.Options) { o.HTTPClient = r.client.push })
	stopped()
	if err != nil {
		end()
		return err
	}
	r.events, r.end, r.came = out.GetStream(), end, false
	if r.silence == nil {
		r.silence = time.NewTimer(silenceLimit)
	}
	return nil
}

func (r *FanOut) batch(e *types.SubscribeToShardEvent) Batch {
	behind := time.Duration(aws.ToInt64(e.MillisBehindLatest)) * time.Millisecond
	b := Batch{Records: e.Records, Behind: behind, AtTip: behind == 0}
	r.came = true
	r.counted(e.Records)
	if len(e.ChildShards) > 0 || e.ContinuationSequenceNumber == nil {
		b.End, b.Children = true, children(e.ChildShards)
		r.drop()
		return b
	}
	r.position.Kind, r.position.Sequence = types.ShardIteratorTypeAfterSequenceNumber, *e.ContinuationSequenceNumber
	return b
}

// judge decides how long to wait after an error, or that it is final.
func (r *FanOut) judge(err error) error {
	var (
		busy *types.ResourceInUseException
		cut  *cutError
	)
	switch taken := errors.As(err, &cut); {
	case errors.As(err, &busy):
		// For five seconds after a subscription the service refuses another one; then that
		// one takes its place. So this is a hiccup, unless somebody else is the consumer, too.
		if taken && !r.rival {
			r.rival = true
			r.o.Notify(fmt.Sprintf("shard %s: another reader took over the subscription of consumer %s: give each processor a -consumer-name of its own", r.shard, r.consumer))
		}
		r.Counters.Retried++
		r.wait = jitter(busyPause)
		return nil
	case taken:
		r.failed(err)
		r.wait = jitter(r.o.TipPause)
		return nil
	}
	return r.fault(err, true)
}
