package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesis"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// FanOut is the stack of a consumer registered for enhanced fan-out: 2 MB/s of
// each shard for it alone, pushed. The processor reads by it.
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

// allowFanOut is what a reader of a registered consumer calls (Service Authorization
// Reference, Kinesis Data Streams). It uses the stack's, which stays; where somebody has
// taken that away it registers one of the name, and removes that at its end. The stream
// is named, not referred to: another name of the consumer changes no other stack.
func allowFanOut(stack awscdk.Stack, role awsiam.Role, cfg config.Config) {
	arn := func(name string) *string {
		return stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("kinesis"), Resource: jsii.String("stream"), ResourceName: jsii.String(name)})
	}
	role.AddToPolicy(allow(nil, arn(cfg.Stream.Name), "kinesis:DescribeStreamConsumer", "kinesis:RegisterStreamConsumer"))
	role.AddToPolicy(allow(nil, arn(cfg.Stream.Name+"/consumer/"+cfg.FanOut.Name+":*"),
		"kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard", "kinesis:DeregisterStreamConsumer"))
}
