package app

import (
	"context"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/kinesis"
	"taxistream/internal/mutant"
	"taxistream/producer/put"
)

// aggregateBytes is the size of a whole aggregate: large enough that the costs
// of a record vanish, small enough that one more try costs little and that a
// shard's 1 MB/s is shared in even steps.
const aggregateBytes = 48 << 10

// client is a Kinesis stream as the loop sees it.
type client struct {
	*kinesis.Client
	now    func() time.Time
	called func(took time.Duration) // each PutRecords call
}

var _ Stream = client{}

// PutRecords makes one call.
func (c client) PutRecords(ctx context.Context, entries []put.Entry) ([]put.Result, error) {
	plain := make([]kinesis.Entry, len(entries))
	for i, e := range entries {
		plain[i] = kinesis.Entry(e)
	}
	began := c.now()
	answers, err := c.PutEntries(ctx, plain)
	c.called(c.now().Sub(began))
	if err != nil && mutant.Is(mutant.Unanswered) {
		return make([]put.Result, len(entries)), nil
	}
	if err != nil {
		return nil, err
	}
	results := make([]put.Result, len(answers))
	for i, a := range answers {
		results[i] = put.Result(a)
	}
	return results, nil
}

// OpenShards lists the shards that take records.
func (c client) OpenShards(ctx context.Context) ([]put.Shard, error) {
	all, err := c.Shards(ctx)
	if err != nil {
		return nil, err
	}
	var open []put.Shard
	for _, s := range all {
		if s.Open {
			open = append(open, put.Shard{ID: s.ID, Start: s.Start})
		}
	}
	return open, nil
}

func target(c client) Target {
	return Target{
		Stream:       c,
		Classify:     fault.Classify,
		NewAggregate: func(hashKey string) put.Aggregate { return kinesis.NewAggregator(aggregateBytes, hashKey) },
		Seal:         kinesis.Seal,
	}
}
