package kinesis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/awsconf"
	"taxistream/internal/fault"
	"taxistream/internal/kinesis/wire"
)

// Client is the SDK's Kinesis client for one stream. It is safe for many goroutines.
// Each call makes one attempt: what is tried again, and when, is the caller's to
// say by the table of package fault.
type Client struct {
	API    *kinesis.Client
	Stream string // its name

	arn   *string        // how requests name it where it was given so; nil: by its name
	push  aws.HTTPClient // for SubscribeToShard
	place string         // where it is, for people: "at http://…" or "in eu-west-1"
}

// New returns a client of a stream, given by its name or its ARN. It does not connect.
func New(cfg aws.Config, stream string) *Client {
	c := &Client{Stream: StreamName(stream), place: "in " + cfg.Region}
	if c.Stream != stream {
		c.arn = &stream
	}
	if cfg.BaseEndpoint != nil {
		c.place = "at " + *cfg.BaseEndpoint
	}
	c.API = kinesis.NewFromConfig(cfg, func(o *kinesis.Options) {
		o.RetryMaxAttempts = 1
		if cfg.BaseEndpoint != nil {
			o.BaseEndpoint = cfg.BaseEndpoint // package awsconf has settled which one counts
		}
		wire.Use(o)
	})
	c.push = awsconf.Multiplexed(c.API.Options().HTTPClient)
	return c
}

// name is for requests: nil where the ARN says it.
func (c *Client) name() *string {
	if c.arn != nil {
		return nil
	}
	return &c.Stream
}

// Description is what stays true of a stream.
type Description struct {
	ARN       string
	Created   time.Time
	Retention time.Duration // of its records; may be changed
}

// Same reports whether both are of one stream: a name is used again for another.
func (d Description) Same(other Description) bool {
	return d.ARN == other.ARN && d.Created.Equal(other.Created)
}

const (
	// createWait is how long a stream may be in CREATING.
	createWait = 60 * time.Second
	// askTimeout bounds one question about a stream, so that a silent service is told of.
	askTimeout = 10 * time.Second
)

// WaitActive returns when the stream takes and gives records. A stream in
// CREATING is waited for, up to 60 s; a service that does not answer for as long
// as ctx lives. notify is told once of each. A stream that does not exist is an
// error that names the command that makes it.
func (c *Client) WaitActive(ctx context.Context, notify func(string)) (Description, error) {
	w := waiting{notify: notify, said: map[string]bool{}}
	for {
		out, err := c.summary(ctx)
		var pause time.Duration
		if err != nil {
			if pause, err = w.failed(ctx, c, err); err != nil {
				return Description{}, err
			}
		} else if pause, err = w.creating(c, out); err != nil {
			return Description{}, err
		} else if pause == 0 {
			return describe(out), nil
		}
		if fault.Sleep(ctx, pause) != nil {
			return Description{}, fault.GaveUp(ctx, w.last)
		}
	}
}

// Describe asks once what the stream is now.
func (c *Client) Describe(ctx context.Context) (Description, error) {
	s, err := c.summary(ctx)
	if err != nil {
		return Description{}, c.explain(err)
	}
	return describe(s), nil
}

func describe(s *types.StreamDescriptionSummary) Description {
	return Description{
		ARN: aws.ToString(s.StreamARN), Created: aws.ToTime(s.StreamCreationTimestamp),
		Retention: time.Duration(aws.ToInt32(s.RetentionPeriodHours)) * time.Hour,
	}
}

func (c *Client) summary(ctx context.Context) (*types.StreamDescriptionSummary, error) {
	bounded, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	out, err := c.API.DescribeStreamSummary(bounded, &kinesis.DescribeStreamSummaryInput{StreamName: c.name(), StreamARN: c.arn})
	if err != nil && ctx.Err() == nil && bounded.Err() != nil {
		return nil, fmt.Errorf("no answer within %v: %w", askTimeout, context.DeadlineExceeded)
	}
	if err != nil {
		return nil, err
	}
	return out.StreamDescriptionSummary, nil
}

// waiting is the state of a wait for a stream.
type waiting struct {
	notify func(string)
	said   map[string]bool
	tries  fault.Tries
	last   error // why it waits
	create time.Duration
}

func (w *waiting) say(kind, text string) {
	if !w.said[kind] {
		w.said[kind] = true
		w.notify(text)
	}
}

// failed gives the pause before the next question, or why there is none. At the
// start credentials that are refused need not be waited for.
func (w *waiting) failed(ctx context.Context, c *Client, err error) (time.Duration, error) {
	waits := fmt.Errorf("Kinesis %s does not answer: %s", c.place, fault.Cause(err)) //nolint:staticcheck // Kinesis is a name
	if ctx.Err() != nil {
		return 0, fault.GaveUp(ctx, cmp.Or(w.last, waits))
	}
	pause, final := w.tries.Failed(err)
	if final != nil || fault.Classify(err) == fault.Renew && w.tries.Count() > 1 {
		return 0, c.explain(err)
	}
	w.last = waits
	w.say("unreachable", waits.Error()+"; waiting for it")
	return pause, nil
}

// creating gives the pause for a stream that is not there yet; 0: it is.
func (w *waiting) creating(c *Client, s *types.StreamDescriptionSummary) (time.Duration, error) {
	const pause = 500 * time.Millisecond
	w.tries.Done()
	switch s.StreamStatus {
	case types.StreamStatusCreating:
		if w.create += pause; w.create > createWait {
			return 0, fmt.Errorf("stream %s is still in CREATING after %v: try again later", c.Stream, createWait)
		}
		w.last = errors.New("stream " + c.Stream + " is being created")
		w.say("creating", w.last.Error()+"; waiting")
		return pause, nil
	case types.StreamStatusDeleting:
		return 0, fmt.Errorf("stream %s is being deleted: choose another one", c.Stream)
	}
	return 0, nil
}
