// Package source reads a Kinesis stream as the engine wants it: shards are
// splits, records are decoded where they are read, one goroutine a shard.
package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/engine"
	"taxistream/internal/fault"
	"taxistream/internal/kinesis"
	"taxistream/internal/mutant"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// Position is where a job without a checkpoint begins. Shards that appear later
// are read from their start.
type Position struct {
	Kind types.ShardIteratorType
	Time time.Time // of AT_TIMESTAMP
}

// ParsePosition reads TRIM_HORIZON, LATEST or AT_TIMESTAMP=time.
func ParsePosition(s string) (Position, error) {
	switch s {
	case "TRIM_HORIZON":
		return Position{Kind: types.ShardIteratorTypeTrimHorizon}, nil
	case "LATEST":
		return Position{Kind: types.ShardIteratorTypeLatest}, nil
	}
	if text, ok := strings.CutPrefix(s, "AT_TIMESTAMP="); ok {
		ms, err := trip.ParseTime(text)
		if err != nil {
			return Position{}, err
		}
		return Position{types.ShardIteratorTypeAtTimestamp, time.UnixMilli(ms)}, nil
	}
	return Position{}, errors.New("choose TRIM_HORIZON, LATEST or AT_TIMESTAMP=2016-01-05T12:00:00Z")
}

// String is what ParsePosition reads.
func (p Position) String() string {
	if p.Kind == types.ShardIteratorTypeAtTimestamp {
		return string(p.Kind) + "=" + p.Time.UTC().Format(time.RFC3339Nano)
	}
	return string(p.Kind)
}

// Source is the stream. It implements engine.Source.
type Source struct {
	Client   *kinesis.Client
	Position Position
	Reader   kinesis.ReaderOptions
	Consumer string           // the ARN of a consumer to read as, by enhanced fan-out; empty: shards are polled
	Now      func() time.Time // what LATEST means is settled when a shard is opened

	elements sync.Pool // of *[]engine.Element[job.Record], as long as reads in progress need
	tips     tips
	begun    atomic.Uint64 // reads
	budget   budget
}

// take is an empty slice of elements, used again where there is one.
func (s *Source) take() *[]engine.Element[job.Record] {
	if e, ok := s.elements.Get().(*[]engine.Element[job.Record]); ok {
		*e = (*e)[:0]
		return e
	}
	return new([]engine.Element[job.Record])
}

// Splits implements engine.Source. While nothing is read, as at the start, when the engine
// takes an error for the end of the job, it waits for a service that does not answer.
func (s *Source) Splits(ctx context.Context) ([]engine.Split, error) {
	for tries := (fault.Tries{}); ; {
		shards, err := s.Client.Shards(ctx)
		if err == nil || s.budget.inUse() || fault.Classify(err) == fault.Renew {
			return splits(shards), err
		}
		pause, final := tries.Failed(err)
		if final != nil {
			return nil, final
		}
		if s.Reader.Notify != nil && tries.Count() == 1 {
			s.Reader.Notify(fmt.Sprintf("%v; trying again until it answers", fault.Plain(err)))
		}
		if fault.Sleep(ctx, pause) != nil {
			return nil, err
		}
	}
}

// give takes a slice back, and lets go of the records that it points into.
func (s *Source) give(e *[]engine.Element[job.Record]) {
	clear(*e)
	s.elements.Put(e)
}

func splits(shards []kinesis.Shard) []engine.Split {
	out := make([]engine.Split, len(shards))
	for i, s := range shards {
		out[i] = engine.Split{ID: s.ID, Parents: s.Parents}
	}
	return out
}

// Open implements engine.Source. The offset of a split is the sequence number of
// its last record; aggregates are never cut. LATEST becomes the moment of opening
// and is the offset until the first record, so that a restart before that record
// loses nothing that came meanwhile. With it goes until when the shard is read, so that
// records that went unread are noticed.
func (s *Source) Open(_ context.Context, split engine.Split) (engine.SplitReader[job.Record], error) {
	r := &reader{source: s, shard: split.ID}
	at := kinesis.Position{Kind: types.ShardIteratorTypeTrimHorizon}
	switch {
	case split.Offset != nil:
		var err error
		if at, err = parseOffset(split.Offset); err != nil {
			return nil, fmt.Errorf("shard %s: %w", split.ID, err)
		}
		r.place, r.noted = placeOf(at), at.ReadTo
	case split.Initial && s.Position.Kind == types.ShardIteratorTypeLatest:
		at = kinesis.Position{Kind: types.ShardIteratorTypeAtTimestamp, Time: s.Now()}
		r.place = placeOf(at)
	case split.Initial:
		at = kinesis.Position{Kind: s.Position.Kind, Time: s.Position.Time}
	}
	options := s.Reader
	if options.Now = s.Now; options.Bytes == nil {
		options.Bytes = s.budget.aim
	}
	r.from = s.Client.NewReader(split.ID, at, options)
	if s.Consumer != "" {
		r.from = s.Client.NewFanOut(s.Consumer, split.ID, at, options)
	}
	s.budget.open(&r.share)
	return r, nil
}

// restTime is how often the offset of a shard at which nothing comes is moved on. It is far below any
// retention, and far above the interval of checkpoints, which are left out while nothing moves.
const restTime = time.Hour

// reader decodes the records of one shard. It implements engine.SplitReader.
type reader struct {
	source *Source
	shard  string
	from   interface {
		Next(context.Context) (kinesis.Batch, error)
		Close() error
	}
	place string    // as in offsets: of the last record, or where it began; "": at the position of the start
	noted time.Time // until when the shard is read as the last offset says
	read  int64     // elements, in all
	share share
}

// Next implements engine.SplitReader.
func (r *reader) Next(ctx context.Context) (engine.Read[job.Record], error) {
	if err := r.source.budget.wait(ctx); err != nil {
		return engine.Read[job.Record]{}, err
	}
	began := r.source.begun.Add(1)
	b, err := r.from.Next(ctx)
	if err != nil {
		return engine.Read[job.Record]{}, err
	}
	if mutant.Is(mutant.Skipped) && !r.noted.IsZero() && r.read == 0 && len(b.Records) > 0 {
		b.Records = b.Records[1:]
	}
	elements := r.source.take()
	*elements = r.decode(*elements, b.Records)
	bytes := 0
	for i := range b.Records {
		bytes += len(b.Records[i].Data)
	}
	r.source.budget.take(&r.share, bytes)
	read := engine.Read[job.Record]{
		Elements: *elements, Bytes: int64(bytes), Release: func() { r.source.budget.give(&r.share, bytes); r.source.give(elements) },
		AtTip: b.AtTip, Interrupted: b.Failed, Lag: b.Behind, End: b.End, Children: splits(b.Children),
	}
	if n := len(b.Records); n > 0 {
		r.place = *b.Records[n-1].SequenceNumber
	}
	if len(b.Records) > 0 || r.place != "" && b.ReadTo.Sub(r.noted) > restTime {
		read.Offset, r.noted = formatOffset(r.place, b.ReadTo), b.ReadTo
	}
	r.read += int64(len(*elements))
	if b.AtTip {
		r.source.tips.set(r.shard, Tip{Began: began, Elements: r.read})
	}
	return read, nil
}

// Close implements engine.SplitReader.
func (r *reader) Close() error {
	r.source.tips.forget(r.shard)
	r.source.budget.close(&r.share)
	return r.from.Close()
}

// decode appends the events of Kinesis records to elements. Nothing is dropped here: bytes that
// are no event become a record with a fault.
func (r *reader) decode(elements []engine.Element[job.Record], records []types.Record) []engine.Element[job.Record] {
	origins := make([]job.Origin, len(records))
	events := len(records)
	for i := range records {
		events += len(records[i].Data) / usualEvent
	}
	elements = slices.Grow(elements, events)
	kinesis.Deaggregate(records, func(i int, users [][]byte, err error) {
		origin := &origins[i]
		*origin = job.Origin{Shard: r.shard, Sequence: *records[i].SequenceNumber}
		if at := records[i].ApproximateArrivalTimestamp; at != nil {
			origin.Arrival = at.UnixMilli()
		}
		aggregated := kinesis.IsAggregate(records[i].Data)
		for sub, data := range users {
			elements = appendEvent(elements, data, origin, int32(sub), aggregated)
		}
		if err != nil {
			elements = append(elements, engine.Element[job.Record]{Value: job.Record{Fault: err.Error(), Data: records[i].Data, Origin: origin}, EventTime: origin.Arrival})
		}
	})
	return elements
}

// usualEvent is a little less than the bytes of a trip in an aggregate.
const usualEvent = 240

func appendEvent(to []engine.Element[job.Record], data []byte, origin *job.Origin, sub int32, aggregated bool) []engine.Element[job.Record] {
	to = append(to, engine.Element[job.Record]{})
	e := &to[len(to)-1]
	e.Value.Data, e.Value.Origin, e.Value.Sub = data, origin, sub
	var event trip.Event
	err := trip.Decode(data, &event)
	if err == nil && aggregated && event.Kind == trip.KindWatermark {
		err = errAggregatedWatermark
	}
	if err != nil {
		e.Value.Fault = err.Error()
		e.EventTime = origin.Arrival
		return to
	}
	e.Value.Kind = event.Kind
	if event.Kind == trip.KindTrip {
		e.Value.Trip = event.Trip
		e.EventTime = event.Trip.EventTime()
	} else {
		e.Value.Watermark = event.Watermark
	}
	return to
}

// errAggregatedWatermark: the shard that an aggregate is in is not the one that a
// watermark inside it was meant for.
var errAggregatedWatermark = errors.New("a watermark inside a KPL aggregate: write it as a record of its own, to each shard")
