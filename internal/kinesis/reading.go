package kinesis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/fault"
)

// reading is what both ways to read a shard share: the place that they have come to,
// and what they do about errors. It is for one goroutine.
type reading struct {
	client *Client
	shard  string
	o      ReaderOptions

	position Position
	tries    fault.Tries
	failures int           // told of and not over
	skew     time.Duration // waited for the service's clock
	wait     time.Duration // before the next call
	outrun   bool          // told of; until it is well within the retention again
	Counters Counters
}

func (c *Client) reading(shard string, at Position, o ReaderOptions) reading {
	if o.TipPause == 0 {
		o.TipPause = 200 * time.Millisecond
	}
	if o.MaxBackoff == 0 {
		o.MaxBackoff = 5 * time.Second
	}
	if o.Bytes == nil {
		o.Bytes = func() int { return 1 << 20 }
	}
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	return reading{client: c, shard: shard, position: at, o: o, tries: fault.Tries{Max: o.MaxBackoff}}
}

// next fetches until there is a batch, or until judge finds that an error is final.
func (r *reading) next(ctx context.Context, fetch func(context.Context) (Batch, error), judge func(error) error) (Batch, error) {
	failed := false
	for {
		if err := fault.Sleep(ctx, r.wait); err != nil {
			return Batch{}, err
		}
		r.wait = 0
		if err := r.expire(); err != nil {
			return Batch{}, err
		}
		b, err := fetch(ctx)
		if err == nil {
			r.tries.Done()
			r.caughtUp(&b)
			if r.failures > 0 {
				r.failures = 0
				r.o.Notify(fmt.Sprintf("shard %s: reading again", r.shard))
			}
			b.Failed = failed
			r.answered(nil)
			return b, nil
		}
		if ctx.Err() != nil {
			return Batch{}, ctx.Err()
		}
		if r.o.AllowExpired && r.Counters.Records == 0 && shardGone(err) {
			r.o.Notify(fmt.Sprintf("shard %s is gone, and what it held: it is older than the stream's retention; going on without it (-allow-expired)", r.shard))
			return Batch{End: true}, nil
		}
		failed = true
		r.answered(err)
		if err := judge(err); err != nil {
			return Batch{}, err
		}
	}
}

func (r *reading) answered(err error) {
	if r.o.OnAnswer != nil {
		r.o.OnAnswer(r.shard, err)
	}
}

// expire tells that records may have gone since the last ones were read.
func (r *reading) expire() error {
	if r.o.Retention == nil || r.position.ReadTo.IsZero() || r.outrun {
		return nil
	}
	kept, now := r.o.Retention(), r.o.Now()
	if kept <= 0 || now.Sub(r.position.ReadTo) <= kept {
		return nil
	}
	what := fmt.Sprintf("shard %s was read to %s, and the stream keeps records for %v: those that came from then to %s, if any, are gone unread",
		r.shard, r.position.ReadTo.UTC().Format(time.RFC3339), kept, now.Add(-kept).UTC().Format(time.RFC3339))
	if !r.o.AllowExpired {
		return fmt.Errorf("%s; give the stream a longer retention, and go on with what is kept by -allow-expired", what)
	}
	r.outrun = true
	r.o.Notify(what + "; going on with what is kept (-allow-expired)")
	return nil
}

// caughtUp notes how far a batch has brought the reader.
func (r *reading) caughtUp(b *Batch) {
	if r.o.Now == nil {
		return
	}
	b.ReadTo = r.o.Now().Add(-b.Behind)
	r.position.ReadTo = b.ReadTo
	if r.outrun && b.Behind < r.o.Retention()/2 {
		r.outrun = false
	}
}

// fault decides how long to wait after an error, or that it is final; opening tells
// that it is the answer to a question about the position.
func (r *reading) fault(err error, opening bool) error {
	wait, final := r.tries.Failed(err)
	if final != nil {
		if opening && r.early(err) {
			return nil
		}
		return fmt.Errorf("read shard %s: %w", r.shard, r.client.explain(final))
	}
	r.failed(err)
	r.wait = wait
	return nil
}

// failed counts an error after which there is another try.
func (r *reading) failed(err error) {
	r.Counters.Retried++
	r.failures++
	if r.failures == 1 {
		r.o.Notify(fmt.Sprintf("shard %s: %v; trying again until it answers", r.shard, fault.Plain(err)))
	}
}

// maxSkew is how far the service's clock may be behind the one that a position's time
// came from.
const maxSkew = time.Minute

// early tells whether err can be the service's answer to a time that has not come
// there yet, which the start at this moment may be where clocks differ; the time is
// waited for, in short steps.
func (r *reading) early(err error) bool {
	var argument *types.InvalidArgumentException
	if r.position.Kind != types.ShardIteratorTypeAtTimestamp || !errors.As(err, &argument) {
		return false
	}
	r.Counters.Retried++
	r.wait = r.o.TipPause
	r.skew += r.wait
	return r.skew <= maxSkew
}

// counted notes that records were read.
func (r *reading) counted(records []types.Record) (bytes int) {
	for i := range records {
		bytes += len(records[i].Data)
	}
	r.Counters.Records += int64(len(records))
	r.Counters.Bytes += int64(bytes)
	return bytes
}
