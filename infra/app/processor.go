package app

import (
	"path"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
	"taxistream/internal/names"
)

// Processor is the stack of what reads the stream, of its checkpoints, and of the
// network and cluster that the producer uses, too. Of the edition go it has task
// and service, of the edition flink Flink; the others are nil.
//
// What other stacks import of it is the same in both editions, for CloudFormation takes no
// export away that is in use: so the checkpoints' bucket stays, which Trail names.
type Processor struct {
	awscdk.Stack
	Logs     awslogs.LogGroup
	TaskRole awsiam.Role
	Vpc      awsec2.Vpc
	Network  *network
	Cluster  awsecs.Cluster

	Checkpoints awss3.Bucket // of the edition go
	Task        awsecs.FargateTaskDefinition
	Service     awsecs.FargateService

	Flink *flink
}

// NewProcessor makes the stack "Processor".
func NewProcessor(app constructs.Construct, cfg config.Config, stream *Stream, search *Search, shared *network) *Processor {
	stack := newStack(app, cfg, "Processor", "Taxi trips: the processor, its checkpoints and network")
	p := &Processor{Stack: stack, Network: shared}
	if shared == nil {
		p.Network = newNetwork(stack, cfg)
	}
	p.Vpc = p.Network.Vpc
	p.Checkpoints = checkpointBucket(stack, cfg)
	p.Logs = logGroup(stack, "Logs", cfg)
	keep(p.Logs)
	p.TaskRole = p.role(cfg, stream)
	writes := search.Grant(stack, "Writes", p.TaskRole, AccessWriter)
	p.openCluster(cfg)
	if cfg.Processor.Edition == config.EditionFlink {
		p.runFlink(cfg, stream, search, writes)
	} else {
		p.run(cfg, stream, search)
		// A task that starts before it can pull and call would count as a failed deployment.
		// And it ends, when all is deleted, before network and bucket go.
		p.Service.Node().AddDependency(writes, p.Task.ExecutionRole(), p.Vpc, p.Checkpoints)
	}
	p.outputs(cfg)
	return p
}

func (p *Processor) outputs(cfg config.Config) {
	output(p.Stack, "CheckpointDir", "the -checkpoint-dir of the processor of the edition go", p.checkpointDir(cfg))
	output(p.Stack, "LogGroup", "where the processor's log is", p.Logs.LogGroupName())
	output(p.Stack, "ClusterName", "the ECS cluster", p.Cluster.ClusterName())
	for _, imported := range []any{p.Cluster.ClusterName(), p.Checkpoints.BucketArn(), p.Logs.LogGroupName()} {
		p.ExportValue(imported, nil)
	}
	if p.Service != nil {
		output(p.Stack, "ServiceName", "the processor's service in it", p.Service.ServiceName())
		p.ExportValue(p.Service.ServiceName(), nil) // a deployment of before may import it still
	}
	p.Network.outputs(p.Stack)
}

// role allows what internal/kinesis and internal/s3 call for the processor, or the job on
// Flink in its place; what it may ask of the domain, search.Grant adds.
func (p *Processor) role(cfg config.Config, stream *Stream) awsiam.Role {
	var role awsiam.Role
	if cfg.Processor.Edition == config.EditionFlink {
		role = p.flinkRole(cfg)
	} else {
		role = taskRole(p.Stack, names.Processor)
	}
	role.AddToPolicy(allow(nil, stream.Stream.StreamArn(),
		"kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords"))
	role.AddToPolicy(viaKinesis(p.Stack, stream, "kms:Decrypt"))
	if cfg.Processor.Edition == config.EditionGo {
		allowCheckpoints(role, p.Checkpoints)
	}
	if cfg.FanOut.On {
		allowFanOut(p.Stack, role, cfg)
	}
	accept(role, "AwsSolutions-IAM5", "the objects below one prefix of one bucket, and a consumer of the stream by its name")
	return role
}

// checkpointDir is another one for each index prefix: a checkpoint of one job is
// none for another.
func (p *Processor) checkpointDir(cfg config.Config) *string {
	place := path.Join("/", checkpointsPrefix, cfg.Processor.IndexPrefix)
	return awscdk.Fn_Join(jsii.String(""), &[]*string{jsii.String("s3://"), p.Checkpoints.BucketName(), jsii.String(place)})
}

// openCluster makes the cluster of the tasks, be it the producer's alone.
func (p *Processor) openCluster(cfg config.Config) {
	insights := awsecs.ContainerInsights_DISABLED
	if cfg.Processor.Insights {
		insights = awsecs.ContainerInsights_ENABLED
	}
	p.Cluster = awsecs.NewCluster(p.Stack, jsii.String("Cluster"), &awsecs.ClusterProps{Vpc: p.Network.Vpc, ContainerInsightsV2: insights})
	if !cfg.Processor.Insights {
		accept(p.Cluster, "AwsSolutions-ECS4", "the programs write their own metrics; -c processor.insights=true adds those of the containers, at a price")
	}
}

// run makes the service. One task, stopped before the next one starts: two would
// be harmless to the results, but the second waits for the first one's lease.
func (p *Processor) run(cfg config.Config, stream *Stream, search *Search) {
	size, err := config.TaskSize("processor.size", cfg.Processor.Size)
	if err != nil {
		panic(err.Error()) // Config.Check has passed it
	}
	t := &task{program: names.Processor, size: size, command: p.command(cfg, stream, search), role: p.TaskRole, logs: p.Logs, health: readiness()}
	image := programImage(p.Stack, cfg)
	p.Task = t.definitionFrom(p.Stack, cfg, image)
	room := p.openRoom(cfg, search)
	p.addGate(cfg, room, image)
	p.Service = awsecs.NewFargateService(p.Stack, jsii.String("Service"), &awsecs.FargateServiceProps{
		ServiceName:                 jsii.String(serviceName(cfg)),
		Cluster:                     p.Cluster,
		TaskDefinition:              p.Task,
		DesiredCount:                jsii.Number(1),
		MinHealthyPercent:           jsii.Number(0),
		MaxHealthyPercent:           jsii.Number(100),
		CircuitBreaker:              &awsecs.DeploymentCircuitBreaker{Enable: jsii.Bool(true), Rollback: jsii.Bool(true)},
		AvailabilityZoneRebalancing: awsecs.AvailabilityZoneRebalancing_DISABLED, // it would start a second task first
		AssignPublicIp:              jsii.Bool(p.Network.Public),
		SecurityGroups:              &[]awsec2.ISecurityGroup{p.Network.Group},
		VpcSubnets:                  p.Network.Subnets,
		PropagateTags:               awsecs.PropagatedTagSource_SERVICE,
		EnableExecuteCommand:        jsii.Bool(cfg.Room.Forward),
	})
	if room != nil {
		room.attach(p.Service)
	}
}

// serviceName is fixed, so that what looks at the service can name it without an import.
func serviceName(cfg config.Config) string { return cfg.Name + "-" + names.Processor }

// command is the processor's command line.
func (p *Processor) command(cfg config.Config, stream *Stream, search *Search) []string {
	args := []string{
		"-stream", *stream.Stream.StreamName(),
		"-region", *p.Stack.Region(),
		"-opensearch-endpoint", *search.endpoint(),
		"-sign", "es",
		"-checkpoint-dir", *p.checkpointDir(cfg),
		"-log-format", "json",
		"-emf", cfg.Name,
	}
	if cfg.FanOut.On {
		args = append(args, "-consumer", "fan-out", "-consumer-name", cfg.FanOut.Name)
	}
	if cfg.Processor.IndexPrefix != "" {
		args = append(args, "-index-prefix", cfg.Processor.IndexPrefix)
	}
	return append(args, strings.Fields(cfg.Processor.Flags)...)
}

// readiness asks the processor whether it reads. It may wait for the domain
// when it starts; after that a minute without reading ends the task.
func readiness() *awsecs.HealthCheck {
	return &awsecs.HealthCheck{
		Command:     jsii.Strings("CMD", names.Processor, "ready"),
		Interval:    awscdk.Duration_Seconds(jsii.Number(10)),
		Timeout:     awscdk.Duration_Seconds(jsii.Number(5)),
		Retries:     jsii.Number(6),
		StartPeriod: awscdk.Duration_Seconds(jsii.Number(300)),
	}
}
