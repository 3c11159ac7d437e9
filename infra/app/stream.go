package app

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesis"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// Stream is the stack of the Kinesis stream, encrypted under a key of its own.
type Stream struct {
	awscdk.Stack
	Stream awskinesis.Stream
	Key    awskms.Key
}

// NewStream makes the stack "Stream".
func NewStream(app constructs.Construct, cfg config.Config) *Stream {
	stack := newStack(app, cfg, "Stream", "Taxi trips: the Kinesis stream")
	s := &Stream{Stack: stack}
	s.Key = awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{
		Description:       jsii.String("Encrypts the taxi trips on the stream"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     removal(cfg),
	})
	props := &awskinesis.StreamProps{
		StreamName:      jsii.String(cfg.Stream.Name),
		RetentionPeriod: awscdk.Duration_Hours(jsii.Number(cfg.Stream.RetentionHours)),
		Encryption:      awskinesis.StreamEncryption_KMS,
		EncryptionKey:   s.Key,
		StreamMode:      awskinesis.StreamMode_ON_DEMAND,
		RemovalPolicy:   awscdk.RemovalPolicy_DESTROY,
	}
	if cfg.Stream.Shards > 0 {
		props.StreamMode = awskinesis.StreamMode_PROVISIONED
		props.ShardCount = jsii.Number(cfg.Stream.Shards)
	}
	s.Stream = awskinesis.NewStream(stack, jsii.String("Trips"), props)
	accept(s.Stream, "AwsSolutions-KDS3", "a key of its own: its policy names who may read trips, which the account's aws/kinesis key cannot")
	output(stack, "Shards", "what go run ./infra start splits the stream to; 0: on demand", jsii.String(strconv.Itoa(cfg.Stream.Shards)))
	output(stack, "StreamName", "the -stream of producer and processor", s.Stream.StreamName())
	return s
}
