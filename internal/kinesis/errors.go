package kinesis

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/fault"
)

// expired tells an iterator that is too old, in place of which another one is to
// be had. All other errors have the class of package fault's table.
func expired(err error) bool {
	var e *types.ExpiredIteratorException
	return errors.As(err, &e)
}

// shardGone tells that the stream no longer knows a shard.
func shardGone(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing) && strings.HasPrefix(missing.ErrorMessage(), "Shard ")
}

// explain says what to do about an error that no waiting mends.
func (c *Client) explain(err error) error {
	var missing *types.ResourceNotFoundException
	if shardGone(err) {
		return fmt.Errorf("a shard of stream %s is gone, and what it held: it is older than the stream's retention; go on without it by -allow-expired: %w", c.Stream, fault.Plain(err))
	}
	if errors.As(err, &missing) && strings.HasPrefix(missing.ErrorMessage(), "Consumer ") {
		return fmt.Errorf("the consumer of stream %s is gone: start again, which registers it: %w", c.Stream, fault.Plain(err))
	}
	if errors.As(err, &missing) {
		return fmt.Errorf("stream %s does not exist %s: make it with `aws kinesis create-stream --stream-name %s --shard-count 8`, or run `go run ./localstack serve -stream %s`", c.Stream, c.place, c.Stream, c.Stream)
	}
	return fmt.Errorf("stream %s %s: %w", c.Stream, c.place, fault.Explain(err))
}
