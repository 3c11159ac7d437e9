package kinesis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/kinesis/wire"
)

// Client is the SDK's Kinesis client for one stream. It is safe for many goroutines.
type Client struct {
	API    *kinesis.Client
	Stream string
}

// New returns a client of a stream. It does not connect.
func New(cfg aws.Config, stream string) *Client {
	return &Client{Stream: stream, API: kinesis.NewFromConfig(cfg, wire.Use)}
}

// Description is what stays true of a stream.
type Description struct {
	ARN     string
	Created time.Time
}

// Same reports whether both are of one stream: a name is used again for another.
func (d Description) Same(other Description) bool {
	return d.ARN == other.ARN && d.Created.Equal(other.Created)
}

// createWait is how long a stream may be in CREATING.
const createWait = 60 * time.Second

// WaitActive returns when the stream takes and gives records. A stream in
// CREATING is waited for, up to 60 s; a service that does not answer for as long
// as ctx lives. notify is told once of each. A stream that does not exist is an
// error that names the command that makes it.
func (c *Client) WaitActive(ctx context.Context, notify func(string)) (Description, error) {
	var creating time.Duration
	said := map[string]bool{}
	say := func(kind, text string) {
		if !said[kind] {
			said[kind] = true
			notify(text)
		}
	}
	for attempt := 0; ; attempt++ {
		pause := 500 * time.Millisecond
		out, err := c.API.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &c.Stream})
		switch {
		case ctx.Err() != nil:
			return Description{}, ctx.Err()
		case err != nil && (Classify(err) == Retry || Classify(err) == Throttle):
			pause = jitter(min(200*time.Millisecond<<min(attempt, 10), 5*time.Second))
			say("unreachable", fmt.Sprintf("Kinesis does not answer; waiting for it: %v", err))
		case err != nil:
			return Description{}, c.explain(err)
		case out.StreamDescriptionSummary.StreamStatus == types.StreamStatusCreating:
			if creating += pause; creating > createWait {
				return Description{}, fmt.Errorf("stream %s is still in CREATING after %v: try again later", c.Stream, createWait)
			}
			say("creating", fmt.Sprintf("stream %s is being created; waiting", c.Stream))
		case out.StreamDescriptionSummary.StreamStatus == types.StreamStatusDeleting:
			return Description{}, fmt.Errorf("stream %s is being deleted: choose another one", c.Stream)
		default:
			return describe(out.StreamDescriptionSummary), nil
		}
		if err := sleep(ctx, pause); err != nil {
			return Description{}, err
		}
	}
}

// Describe asks once what the stream is now.
func (c *Client) Describe(ctx context.Context) (Description, error) {
	out, err := c.API.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &c.Stream})
	if err != nil {
		return Description{}, c.explain(err)
	}
	return describe(out.StreamDescriptionSummary), nil
}

func describe(s *types.StreamDescriptionSummary) Description {
	return Description{aws.ToString(s.StreamARN), aws.ToTime(s.StreamCreationTimestamp)}
}

// explain says what to do about an error that no waiting mends.
func (c *Client) explain(err error) error {
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) && strings.HasPrefix(missing.ErrorMessage(), "Shard ") {
		return fmt.Errorf("a shard of stream %s is gone, and what it held: it is older than the stream's retention; go on from what is kept with another -checkpoint-dir: %w", c.Stream, err)
	}
	if errors.As(err, &missing) {
		return fmt.Errorf("stream %s does not exist: make it with `aws kinesis create-stream --stream-name %s --shard-count 8`, or run `go run ./localstack serve -stream %s`", c.Stream, c.Stream, c.Stream)
	}
	return fmt.Errorf("stream %s: %w", c.Stream, err)
}
