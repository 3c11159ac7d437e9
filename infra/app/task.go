package app

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// A task is one container on Fargate: not root, nothing to write to but scratch
// space, no Linux capability.
type task struct {
	program string // and the container's name
	size    config.Size
	command []string // behind the program's name
	role    awsiam.IRole
	logs    awslogs.ILogGroup
	health  *awsecs.HealthCheck
	scratch bool // /tmp can be written
}

// definition makes the task definition.
func (t *task) definition(stack awscdk.Stack, cfg config.Config) awsecs.FargateTaskDefinition {
	return t.definitionFrom(stack, cfg, programImage(stack, cfg))
}

func (t *task) definitionFrom(stack awscdk.Stack, cfg config.Config, image awsecs.ContainerImage) awsecs.FargateTaskDefinition {
	cpu := awsecs.CpuArchitecture_X86_64()
	if cfg.CPU == "arm64" {
		cpu = awsecs.CpuArchitecture_ARM64()
	}
	definition := awsecs.NewFargateTaskDefinition(stack, jsii.String("Task"), &awsecs.FargateTaskDefinitionProps{
		Family:         jsii.String(cfg.Name + "-" + t.program),
		Cpu:            jsii.Number(t.size.VCPU * 1024),
		MemoryLimitMiB: jsii.Number(t.size.MemoryMiB),
		TaskRole:       t.role,
		RuntimePlatform: &awsecs.RuntimePlatform{
			CpuArchitecture: cpu, OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX(),
		},
	})
	linux := awsecs.NewLinuxParameters(stack, jsii.String("Linux"), nil)
	linux.DropCapabilities(awsecs.Capability_ALL)
	container := definition.AddContainer(jsii.String(t.program), &awsecs.ContainerDefinitionOptions{
		ContainerName:          jsii.String(t.program),
		Image:                  image,
		Command:                jsii.Strings(append([]string{t.program}, t.command...)...),
		User:                   jsii.String(imageUser),
		ReadonlyRootFilesystem: jsii.Bool(true),
		LinuxParameters:        linux,
		// The collector works harder before the task is ended for its memory.
		Environment: &map[string]*string{"GOMEMLIMIT": jsii.String(fmt.Sprintf("%dMiB", t.size.MemoryMiB*8/10))},
		HealthCheck: t.health,
		// The longest that Fargate grants: time for a last checkpoint, or to send what is in flight.
		StopTimeout: awscdk.Duration_Seconds(jsii.Number(120)),
		Logging: awsecs.LogDrivers_AwsLogs(&awsecs.AwsLogDriverProps{
			LogGroup:     t.logs,
			StreamPrefix: jsii.String(t.program),
			// Results matter more than logs: a program does not wait for CloudWatch.
			Mode:          awsecs.AwsLogDriverMode_NON_BLOCKING,
			MaxBufferSize: awscdk.Size_Mebibytes(jsii.Number(10)),
		}),
	})
	if t.scratch {
		// Fargate gives the volume to the owner of the image's /tmp, which the Dockerfile declares one.
		definition.AddVolume(&awsecs.Volume{Name: jsii.String("tmp")})
		container.AddMountPoints(&awsecs.MountPoint{SourceVolume: jsii.String("tmp"), ContainerPath: jsii.String("/tmp"), ReadOnly: jsii.Bool(false)})
	}
	accept(definition, "AwsSolutions-IAM5", "ECR's token is the account's: ecr:GetAuthorizationToken knows no resource")
	accept(definition, "AwsSolutions-ECS2", "the variables are no secrets: the collector's memory limit")
	return definition
}

// taskRole is what a program may call. Only ECS, for a task of this account, takes it.
func taskRole(stack awscdk.Stack, program string) awsiam.Role {
	return awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{
		Description: jsii.String("What the " + program + " of taxi trips may call"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
				"ArnLike": map[string]any{"aws:SourceArn": awscdk.Arn_Format(&awscdk.ArnComponents{
					Service: jsii.String("ecs"), Resource: jsii.String("*"), ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
				}, stack)},
			},
		}),
	})
}

// viaKinesis lets a role use the stream's key, through Kinesis and for this stream only.
func viaKinesis(stack awscdk.Stack, stream *Stream, action string) awsiam.PolicyStatement {
	return allow(&map[string]any{"StringEquals": map[string]any{
		"kms:ViaService":                        viaService(stack, "kinesis"),
		"kms:EncryptionContext:aws:kinesis:arn": stream.Stream.StreamArn(),
	}}, stream.Key.KeyArn(), action)
}
