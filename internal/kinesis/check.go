package kinesis

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/fault"
)

// CheckRead finds out at the start of a reader whether its credentials may list
// the stream's shards and read one. A service that does not answer is waited for
// as long as ctx lives; a limit that is passed is an answer.
func (c *Client) CheckRead(ctx context.Context) error {
	for tries := (fault.Tries{}); ; {
		err := c.tryRead(ctx)
		if err == nil || fault.Classify(err) == fault.Throttled {
			return nil
		}
		if ctx.Err() != nil {
			return fault.GaveUp(ctx, err)
		}
		pause, final := tries.Failed(err)
		if final != nil || fault.Classify(err) == fault.Renew && tries.Count() > 1 {
			return err
		}
		if fault.Sleep(ctx, pause) != nil {
			return fault.GaveUp(ctx, err)
		}
	}
}

func (c *Client) tryRead(ctx context.Context) error {
	shards, err := c.Shards(ctx)
	if err != nil || len(shards) == 0 {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	at, err := c.API.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName: c.name(), StreamARN: c.arn, ShardId: &shards[len(shards)-1].ID, ShardIteratorType: types.ShardIteratorTypeLatest,
	})
	if err == nil {
		_, err = c.API.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: at.ShardIterator, Limit: aws.Int32(1)})
	}
	var expired *types.ExpiredIteratorException
	if errors.As(err, &expired) { // the service's clock jumped, and it would let us read
		return nil
	}
	if err != nil {
		return fmt.Errorf("read shard %s: %w", shards[len(shards)-1].ID, c.explain(err))
	}
	return nil
}
