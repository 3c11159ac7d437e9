package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesis"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// FanOut is the stack of a consumer registered for enhanced fan-out: 2 MB/s of
// each shard for it alone, pushed. The processor polls, so the consumer is for
// another reader of the stream, who finds its ARN in the stack's output.
type FanOut struct {
	awscdk.Stack
	Consumer awskinesis.CfnStreamConsumer
}

// NewFanOut makes the stack "FanOut".
func NewFanOut(app constructs.Construct, cfg config.Config, stream *Stream) *FanOut {
	stack := newStack(app, cfg, "FanOut", "Taxi trips: a consumer with a reading capacity of its own")
	f := &FanOut{Stack: stack}
	f.Consumer = awskinesis.NewCfnStreamConsumer(stack, jsii.String("Consumer"), &awskinesis.CfnStreamConsumerProps{
		ConsumerName: jsii.String(cfg.FanOut.Name), StreamArn: stream.Stream.StreamArn(),
	})
	output(stack, "ConsumerArn", "what SubscribeToShard takes as ConsumerARN", f.Consumer.AttrConsumerArn())
	return f
}
