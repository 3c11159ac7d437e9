package app

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
	"taxistream/internal/names"
)

// Producer is the stack of the task that replays trips. It runs on demand
// (`make replay`), in the processor's cluster and network.
type Producer struct {
	awscdk.Stack
	Logs     awslogs.LogGroup
	TaskRole awsiam.Role
	Task     awsecs.FargateTaskDefinition
}

// NewProducer makes the stack "Producer". The task finds cluster and network
// when it is started, so that either stack can be changed without the other.
func NewProducer(app constructs.Construct, cfg config.Config, stream *Stream, processor *Processor) *Producer {
	stack := newStack(app, cfg, "Producer", "Taxi trips: the producer, run on demand")
	p := &Producer{Stack: stack, Logs: logGroup(stack, "Logs", cfg), TaskRole: taskRole(stack, names.Producer)}
	p.TaskRole.AddToPolicy(allow(nil, stream.Stream.StreamArn(), "kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecords"))
	p.TaskRole.AddToPolicy(viaKinesis(stack, stream, "kms:GenerateDataKey"))
	p.allowSource(cfg)
	output(stack, "LogGroup", "where the producer's log is", p.Logs.LogGroupName())
	size, err := config.TaskSize("producer.size", cfg.Producer.Size)
	if err != nil {
		panic(err.Error()) // Config.Check has passed it
	}
	t := &task{program: names.Producer, size: size, command: p.command(cfg, stream), role: p.TaskRole, logs: p.Logs, scratch: true}
	p.Task = t.definition(stack, cfg)
	stack.AddStackDependency(processor.Stack, jsii.String("the task runs in its cluster"))
	output(stack, "TaskDefinition", "what make replay runs", p.Task.TaskDefinitionArn())
	return p
}

// allowSource lets the producer read its trips where they are in a bucket. One
// under a key of the user's own needs a statement in that key's policy, too.
func (p *Producer) allowSource(cfg config.Config) {
	bucket, prefix, err := cfg.Producer.Bucket()
	if err != nil {
		panic(err.Error()) // Config.Check has passed it
	}
	if bucket == "" {
		return
	}
	arn := "arn:" + *p.Stack.Partition() + ":s3:::" + bucket
	p.TaskRole.AddToPolicy(allow(nil, jsii.String(arn+"/"+prefix+"*"), "s3:GetObject"))
	p.TaskRole.AddToPolicy(allow(&map[string]any{"StringLike": map[string]any{"s3:prefix": prefix + "*"}}, jsii.String(arn), "s3:ListBucket"))
	accept(p.TaskRole, "AwsSolutions-IAM5", "the objects whose keys begin as producer.source says")
}

// command is the producer's command line; make replay may give another.
func (p *Producer) command(cfg config.Config, stream *Stream) []string {
	return []string{
		"-stream", *stream.Stream.StreamName(),
		"-region", *p.Stack.Region(),
		"-source", cfg.Producer.Source,
		"-speedup", strconv.FormatFloat(cfg.Producer.Speedup, 'g', -1, 64),
		"-log-format", "json",
		"-emf", cfg.Name,
	}
}
