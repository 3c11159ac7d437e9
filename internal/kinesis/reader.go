package kinesis

import (
	"cmp"
	"context"
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
	// ReadTo is when all that had come until then was read; zero: unknown.
	ReadTo time.Time
}

// ReaderOptions are the limits of a reader.
type ReaderOptions struct {
	// TipPause is between two calls at the tip; 0: 200 ms, the service's 5 calls/s.
	// While nothing comes it doubles up to five times that, so that an idle shard
	// costs a fifth, and is as short as before from the first record on.
	TipPause   time.Duration
	MaxBackoff time.Duration // between failing calls; 0: 5 s
	Bytes      func() int    // of records that a call aims at now, which bounds memory; nil: 1 MiB
	Notify     func(string)  // told once when calls begin to fail and once when they succeed again; may be nil

	// Retention is how long the stream keeps its records now. Those that may have gone unread are
	// an error, or with AllowExpired told of and left out. Nil: nobody looks.
	Retention    func() time.Duration
	AllowExpired bool

	// OnCall is told how long each GetRecords call took, by the clock Now, which
	// it and Retention need. Nil: nobody is told.
	OnCall func(took time.Duration)
	Now    func() time.Time
	// OnAnswer is told of each call's end: nil, or the error after which it is tried again. It is called by
	// the reader of each shard, at once. Nil: nobody is told.
	OnAnswer func(shard string, err error)
}

// Reader polls one shard. It is for one goroutine.
//
// A reader at LATEST that has read nothing yet has no place but its iterator, which
// expires: who must not lose what comes meanwhile begins AT_TIMESTAMP instead.
type Reader struct {
	reading
	iterator *string
	size     float64       // of a record: the greatest mean of a call, which fades; 0: none was seen
	idle     time.Duration // the pause after the next answer at the tip that is empty; 0: none was
	pace     pace
}

// Counters grow as a reader works.
type Counters struct{ Calls, Records, Bytes, Throttled, Retried, Expired int64 }

// Batch is what one call returned. It belongs to the caller.
type Batch struct {
	Records  []types.Record
	Behind   time.Duration // how far behind the tip
	AtTip    bool          // nothing more was there
	ReadTo   time.Time     // all that had come until then is read; zero: there is no clock Now
	Failed   bool          // calls failed since the last batch
	End      bool          // the shard ends behind Records
	Children []Shard       // of an ended shard, as far as the service says
}

// NewReader returns a reader that begins at a position. It does not connect.
func (c *Client) NewReader(shard string, at Position, o ReaderOptions) *Reader {
	return &Reader{reading: c.reading(shard, at, o)}
}

// idleFactor is how many times as long as after records the pause at the tip becomes.
const idleFactor = 5

const (
	usualRecord        = 25 << 10 // bytes: of a shard whose records nobody has seen
	sizeFades          = 0.97     // from call to call
	minLimit, maxLimit = 1, 10000
)

// limit is how many records to ask for.
func (r *Reader) limit() int32 {
	return int32(min(max(float64(r.o.Bytes())/cmp.Or(r.size, usualRecord), minLimit), maxLimit))
}

// Next returns the next records, which may be none at the tip. It waits out an
// unreachable or throttling service, for as long as ctx lives. An error is final.
func (r *Reader) Next(ctx context.Context) (Batch, error) { return r.next(ctx, r.fetch, r.judge) }

// Close does nothing: a reader holds nothing.
func (r *Reader) Close() error { return nil }

func (r *Reader) fetch(ctx context.Context) (Batch, error) {
	out, err := r.call(ctx)
	if err != nil {
		return Batch{}, err
	}
	return r.batch(out), nil
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
	return r.client.API.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: r.iterator, Limit: aws.Int32(r.limit())})
}

func (r *Reader) batch(out *kinesis.GetRecordsOutput) Batch {
	behind := time.Duration(aws.ToInt64(out.MillisBehindLatest)) * time.Millisecond
	b := Batch{Records: out.Records, Behind: behind, AtTip: behind == 0}
	size := 0
	if n := len(out.Records); n > 0 {
		r.position.Kind, r.position.Sequence = types.ShardIteratorTypeAfterSequenceNumber, aws.ToString(out.Records[n-1].SequenceNumber)
		size = r.counted(out.Records)
		r.size = max(float64(size)/float64(n), r.size*sizeFades, 1)
	}
	r.iterator = out.NextShardIterator
	if r.iterator == nil {
		b.End = true
		b.Children = children(out.ChildShards)
		return b
	}
	if r.wait = r.pace.next(size, r.o.TipPause); b.AtTip {
		r.wait = max(r.wait, r.o.TipPause)
	}
	if b.AtTip && len(b.Records) == 0 {
		r.wait = max(r.idle, r.wait)
		r.idle = min(2*r.wait, idleFactor*r.o.TipPause)
	} else {
		r.idle = 0
	}
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
	if fault.Classify(err) == fault.Throttled {
		r.Counters.Throttled++
		r.wait = jitter(r.pace.throttled(r.o.TipPause) * 2)
		return nil
	}
	return r.fault(err, r.iterator == nil)
}

// jitter is between half of d and d, so that readers do not knock together.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
