package kinesis

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/fault"
)

// Position is where a reader begins.
type Position struct {
	// Kind is TRIM_HORIZON, LATEST or AT_TIMESTAMP; AFTER_SEQUENCE_NUMBER goes on
	// behind Sequence.
	Kind     types.ShardIteratorType
	Sequence string
	Time     time.Time
}

// ReaderOptions are the limits of a reader.
type ReaderOptions struct {
	// TipPause is between two calls at the tip; 0: 200 ms, the service's 5 calls/s.
	// While nothing comes it doubles up to five times that, so that an idle shard
	// costs a fifth, and is as short as before from the first record on.
	TipPause   time.Duration
	MaxBackoff time.Duration // between failing calls; 0: 5 s
	Bytes      int           // of records that a call aims at, which bounds memory; 0: 1 MiB
	Notify     func(string)  // told once when calls begin to fail and once when they succeed again; may be nil

	// OnCall is told how long each GetRecords call took, by the clock Now, which
	// it needs. Nil: nobody is told.
	OnCall func(took time.Duration)
	Now    func() time.Time
}

// Reader polls one shard. It is for one goroutine.
//
// A reader at LATEST that has read nothing yet has no place but its iterator, which
// expires: who must not lose what comes meanwhile begins AT_TIMESTAMP instead.
type Reader struct {
	client *Client
	shard  string
	o      ReaderOptions

	position Position
	iterator *string
	limit    int32 // records to ask for, by the size of the last ones
	tries    fault.Tries
	failures int           // told of and not over
	idle     time.Duration // the pause after the next answer at the tip that is empty; 0: none was
	slow     int           // calls left at the tip's pace after a throttled one
	skew     time.Duration // waited for the service's clock
	wait     time.Duration
	Counters Counters
}

// Counters grow as a reader works.
type Counters struct{ Calls, Records, Bytes, Throttled, Retried, Expired int64 }

// Batch is what one call returned. It belongs to the caller.
type Batch struct {
	Records  []types.Record
	Behind   time.Duration // how far behind the tip
	AtTip    bool          // nothing more was there
	Failed   bool          // calls failed since the last batch
	End      bool          // the shard ends behind Records
	Children []Shard       // of an ended shard, as far as the service says
}

// NewReader returns a reader that begins at a position. It does not connect.
func (c *Client) NewReader(shard string, at Position, o ReaderOptions) *Reader {
	if o.TipPause == 0 {
		o.TipPause = 200 * time.Millisecond
	}
	if o.MaxBackoff == 0 {
		o.MaxBackoff = 5 * time.Second
	}
	if o.Bytes == 0 {
		o.Bytes = 1 << 20
	}
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	return &Reader{client: c, shard: shard, position: at, o: o, limit: firstLimit, tries: fault.Tries{Max: o.MaxBackoff}}
}

// idleFactor is how many times as long as after records the pause at the tip becomes.
const idleFactor = 5

// firstLimit is for a shard whose records nobody has seen, maxLimit the service's.
const firstLimit, maxLimit = 200, 10000

// slowCalls is for how many calls a throttled reader keeps the tip's pace.
const slowCalls = 25

// Next returns the next records, which may be none at the tip. It waits out an
// unreachable or throttling service, for as long as ctx lives. An error is final.
func (r *Reader) Next(ctx context.Context) (Batch, error) {
	failed := false
	for {
		if err := fault.Sleep(ctx, r.wait); err != nil {
			return Batch{}, err
		}
		r.wait = 0
		out, err := r.call(ctx)
		if err == nil {
			r.tries.Done()
			if r.failures > 0 {
				r.failures = 0
				r.o.Notify(fmt.Sprintf("shard %s: reading again", r.shard))
			}
			b := r.batch(out)
			b.Failed = failed
			return b, nil
		}
		if ctx.Err() != nil {
			return Batch{}, ctx.Err()
		}
		failed = true
		if err := r.judge(err); err != nil {
			return Batch{}, err
		}
	}
}

func (r *Reader) call(ctx context.Context) (*kinesis.GetRecordsOutput, error) {
	if r.iterator == nil {
		in := &kinesis.GetShardIteratorInput{StreamName: r.client.name(), StreamARN: r.client.arn, ShardId: &r.shard, ShardIteratorType: r.position.Kind}
		switch r.position.Kind {
		case types.ShardIteratorTypeAtTimestamp:
			in.Timestamp = &r.position.Time
		case types.ShardIteratorTypeAfterSequenceNumber:
			in.StartingSequenceNumber = &r.position.Sequence
		}
		out, err := r.client.API.GetShardIterator(ctx, in)
		if err != nil {
			return nil, err
		}
		r.iterator = out.ShardIterator
	}
	r.Counters.Calls++
	if r.o.OnCall != nil {
		defer func(began time.Time) { r.o.OnCall(r.o.Now().Sub(began)) }(r.o.Now())
	}
	return r.client.API.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: r.iterator, Limit: &r.limit})
}

func (r *Reader) batch(out *kinesis.GetRecordsOutput) Batch {
	behind := time.Duration(aws.ToInt64(out.MillisBehindLatest)) * time.Millisecond
	b := Batch{Records: out.Records, Behind: behind, AtTip: behind == 0}
	if n := len(out.Records); n > 0 {
		r.position = Position{Kind: types.ShardIteratorTypeAfterSequenceNumber, Sequence: aws.ToString(out.Records[n-1].SequenceNumber)}
		size := 0
		for i := range out.Records {
			size += len(out.Records[i].Data)
		}
		r.Counters.Records += int64(n)
		r.Counters.Bytes += int64(size)
		r.limit = int32(min(max(r.o.Bytes/max(size/n, 1), 10), maxLimit))
	}
	r.iterator = out.NextShardIterator
	if r.iterator == nil {
		b.End = true
		b.Children = children(out.ChildShards)
		return b
	}
	if b.AtTip || r.slow > 0 {
		r.wait = r.o.TipPause
	}
	if b.AtTip && len(b.Records) == 0 {
		r.wait = max(r.idle, r.o.TipPause)
		r.idle = min(2*r.wait, idleFactor*r.o.TipPause)
	} else {
		r.idle = 0
	}
	r.slow = max(r.slow-1, 0)
	return b
}

// judge decides how long to wait after an error, or that it is final.
func (r *Reader) judge(err error) error {
	if expired(err) {
		r.Counters.Expired++
		r.iterator = nil
		r.wait = jitter(r.o.TipPause) // a service that lets every iterator expire is not asked without end
		return nil
	}
	wait, final := r.tries.Failed(err)
	switch {
	case final != nil:
		if !r.early(err) {
			return fmt.Errorf("read shard %s: %w", r.shard, r.client.explain(final))
		}
	case fault.Classify(err) == fault.Throttled:
		r.Counters.Throttled++
		r.slow = slowCalls
		r.wait = jitter(r.o.TipPause * 2)
	default:
		r.Counters.Retried++
		r.failures++
		if r.failures == 1 {
			r.o.Notify(fmt.Sprintf("shard %s: %v; trying again until it answers", r.shard, fault.Plain(err)))
		}
		r.wait = wait
	}
	return nil
}

// maxSkew is how far the service's clock may be behind the one that a position's time
// came from.
const maxSkew = time.Minute

// early tells whether err can be the service's answer to a time that has not come
// there yet, which the start at this moment may be where clocks differ; the time is
// waited for, in short steps.
func (r *Reader) early(err error) bool {
	var argument *types.InvalidArgumentException
	if r.iterator != nil || r.position.Kind != types.ShardIteratorTypeAtTimestamp || !errors.As(err, &argument) {
		return false
	}
	r.Counters.Retried++
	r.wait = r.o.TipPause
	r.skew += r.wait
	return r.skew <= maxSkew
}

// jitter is between half of d and d, so that readers do not knock together.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
