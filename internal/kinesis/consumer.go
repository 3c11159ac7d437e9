package kinesis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/fault"
)

// Consumer is a registered reader of a stream by enhanced fan-out.
type Consumer struct {
	Name, ARN string
	New       bool // it was not there before
}

// ParseConsumer gives the name of the consumer that -consumer and -consumer-name ask for;
// empty for polling.
func ParseConsumer(consumer, name string) (string, error) {
	switch {
	case consumer == "polling":
		return "", nil
	case consumer != "fan-out":
		return "", fmt.Errorf("-consumer %s: choose polling or fan-out", consumer)
	case !streamName.MatchString(name):
		return "", fmt.Errorf("-consumer-name %q: a name has 1 to 128 letters, digits and _ . -", name)
	}
	return name, nil
}

// Register finds the consumer of a name, or registers one, and waits until it is ACTIVE:
// up to 60 s; for a service that does not answer as long as ctx lives. notify is told of that once.
func (c *Client) Register(ctx context.Context, streamARN, name string, notify func(string)) (Consumer, error) {
	w := waiting{notify: notify, said: map[string]bool{}}
	consumer := Consumer{Name: name}
	for {
		status, err := c.consumer(ctx, streamARN, &consumer)
		pause := consumerPause
		switch {
		case err != nil:
			if pause, err = w.failed(ctx, c, err); err != nil {
				return consumer, fmt.Errorf("consumer %s: %w", name, err)
			}
		case status == types.ConsumerStatusActive:
			return consumer, nil
		default:
			w.tries.Done()
			w.last = fmt.Errorf("consumer %s of stream %s is in %s", name, c.Stream, status)
			if w.create += pause; w.create > createWait {
				return consumer, fmt.Errorf("%w after %v: try again later", w.last, createWait)
			}
		}
		if fault.Sleep(ctx, pause) != nil {
			return consumer, fault.GaveUp(ctx, w.last)
		}
	}
}

const consumerPause = 500 * time.Millisecond

// consumer asks for the consumer's status, and registers it if it is not there.
func (c *Client) consumer(ctx context.Context, streamARN string, consumer *Consumer) (types.ConsumerStatus, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	out, err := c.API.DescribeStreamConsumer(ctx, &kinesis.DescribeStreamConsumerInput{StreamARN: &streamARN, ConsumerName: &consumer.Name})
	if err == nil {
		consumer.ARN = aws.ToString(out.ConsumerDescription.ConsumerARN)
		return out.ConsumerDescription.ConsumerStatus, nil
	}
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) {
		return "", err
	}
	made, err := c.API.RegisterStreamConsumer(ctx, &kinesis.RegisterStreamConsumerInput{StreamARN: &streamARN, ConsumerName: &consumer.Name})
	var busy *types.ResourceInUseException
	if errors.As(err, &busy) { // somebody was faster
		return types.ConsumerStatusCreating, nil
	}
	if err != nil {
		return "", err
	}
	consumer.ARN, consumer.New = aws.ToString(made.Consumer.ConsumerARN), true
	return made.Consumer.ConsumerStatus, nil
}

// Deregister removes a consumer. One that is not there is as good as removed.
func (c *Client) Deregister(ctx context.Context, consumer Consumer) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	_, err := c.API.DeregisterStreamConsumer(ctx, &kinesis.DeregisterStreamConsumerInput{ConsumerARN: &consumer.ARN})
	var missing *types.ResourceNotFoundException
	if err == nil || errors.As(err, &missing) {
		return nil
	}
	return fmt.Errorf("remove consumer %s: %w; `aws kinesis deregister-stream-consumer --consumer-arn %s` does", consumer.Name, fault.Plain(err), consumer.ARN)
}
