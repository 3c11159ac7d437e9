package app

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisanalyticsv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// flinkRuntime is the service's Flink 2.2: the one of processor/flink/pom.xml.
const flinkRuntime = "FLINK-2_2"

// flinkFlagsGroup is the property group of the job's flags. The job reads all groups; the
// function (infra/lambda/flink) compares this one, and a test holds the two equal.
const flinkFlagsGroup = "processor"

// A flink is the processor's other edition: the job of processor/flink on the Managed
// Service for Apache Flink, which keeps its checkpoints and snapshots itself, starts it
// again, and scales it.
type flink struct {
	Application awskinesisanalyticsv2.CfnApplication
	Run         awscdk.CustomResource // while it is there, the application runs
}

// runFlink makes the application in place of the service. The role may write into the
// domain, and the log is there, before it starts.
func (p *Processor) runFlink(cfg config.Config, stream *Stream, search *Search, writes awscdk.CustomResource) {
	jar := awss3assets.NewAsset(p.Stack, jsii.String("Jar"), &awss3assets.AssetProps{Path: jsii.String(jarFile(cfg))})
	p.TaskRole.AddToPolicy(allow(nil, jar.Bucket().ArnForObjects(jar.S3ObjectKey()), "s3:GetObject", "s3:GetObjectVersion"))
	told, err := cfg.Processor.OnFlink()
	if err != nil {
		panic(err.Error()) // Config.Check has passed it
	}
	f := &flink{}
	flags := p.flinkFlags(cfg, told, stream, search)
	application := &awskinesisanalyticsv2.CfnApplicationProps{
		ApplicationName:          jsii.String(cfg.ApplicationName()),
		ApplicationDescription:   jsii.String("Taxi trips: counts pickups and measures trips to the airports"),
		RuntimeEnvironment:       jsii.String(flinkRuntime),
		ServiceExecutionRole:     p.TaskRole.RoleArn(),
		ApplicationConfiguration: p.flinkConfiguration(cfg, told, jar, flags),
	}
	f.Application = awskinesisanalyticsv2.NewCfnApplication(p.Stack, jsii.String("Application"), application)
	policy := p.TaskRole.Node().FindChild(jsii.String("DefaultPolicy"))
	f.Application.Node().AddDependency(policy)
	logging := p.flinkLogs(f.Application)
	f.Run = p.flinkRun(cfg, told, jar, flags)
	f.Run.Node().AddDependency(writes, f.Application, logging, p.Vpc)
	p.Flink = f
	output(p.Stack, "ApplicationName", "the Flink application", jsii.String(cfg.ApplicationName()))
	output(p.Stack, "FlinkDashboard", "the command that prints the address of Flink's own dashboard, which holds for an hour", awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("aws kinesisanalyticsv2 create-application-presigned-url --url-type FLINK_DASHBOARD_URL --session-expiration-duration-in-seconds 3600 --application-name " +
			cfg.ApplicationName() + " --region "), p.Stack.Region(),
	}))
}

// flinkFlags are the job's, as its property group has them: those of command, less what
// the service does itself.
func (p *Processor) flinkFlags(cfg config.Config, told config.Flink, stream *Stream, search *Search) map[string]*string {
	flags := map[string]*string{
		"stream": stream.Stream.StreamName(), "region": p.Stack.Region(), "opensearch-endpoint": search.endpoint(), "sign": jsii.String("es"),
	}
	if cfg.FanOut.On {
		flags["consumer"], flags["consumer-name"] = jsii.String("fan-out"), jsii.String(cfg.FanOut.Name)
	}
	if cfg.Processor.IndexPrefix != "" {
		flags["index-prefix"] = jsii.String(cfg.Processor.IndexPrefix)
	}
	for name, value := range told.Flags {
		flags[name] = jsii.String(value)
	}
	return flags
}

// flinkConfiguration is all that the service is told. It scales by CPU, not by lag: what
// lags for another reason is no faster for more units (docs/adr/0050).
func (p *Processor) flinkConfiguration(cfg config.Config, told config.Flink, jar awss3assets.Asset, flags map[string]*string) *awskinesisanalyticsv2.CfnApplication_ApplicationConfigurationProperty {
	c := &awskinesisanalyticsv2.CfnApplication_ApplicationConfigurationProperty{
		ApplicationCodeConfiguration: &awskinesisanalyticsv2.CfnApplication_ApplicationCodeConfigurationProperty{
			CodeContentType: jsii.String("ZIPFILE"),
			CodeContent: &awskinesisanalyticsv2.CfnApplication_CodeContentProperty{
				S3ContentLocation: &awskinesisanalyticsv2.CfnApplication_S3ContentLocationProperty{BucketArn: jar.Bucket().BucketArn(), FileKey: jar.S3ObjectKey()},
			},
		},
		ApplicationSnapshotConfiguration:       &awskinesisanalyticsv2.CfnApplication_ApplicationSnapshotConfigurationProperty{SnapshotsEnabled: jsii.Bool(true)},
		ApplicationSystemRollbackConfiguration: &awskinesisanalyticsv2.CfnApplication_ApplicationSystemRollbackConfigurationProperty{RollbackEnabled: jsii.Bool(true)},
		EnvironmentProperties: &awskinesisanalyticsv2.CfnApplication_EnvironmentPropertiesProperty{
			PropertyGroups: []any{&awskinesisanalyticsv2.CfnApplication_PropertyGroupProperty{PropertyGroupId: jsii.String(flinkFlagsGroup), PropertyMap: &flags}},
		},
		FlinkApplicationConfiguration: &awskinesisanalyticsv2.CfnApplication_FlinkApplicationConfigurationProperty{
			CheckpointConfiguration: &awskinesisanalyticsv2.CfnApplication_CheckpointConfigurationProperty{
				ConfigurationType: jsii.String("CUSTOM"), CheckpointingEnabled: jsii.Bool(true),
				CheckpointInterval: jsii.Number(told.CheckpointInterval.Milliseconds()), MinPauseBetweenCheckpoints: jsii.Number(5000),
			},
			MonitoringConfiguration: &awskinesisanalyticsv2.CfnApplication_MonitoringConfigurationProperty{
				ConfigurationType: jsii.String("CUSTOM"), LogLevel: jsii.String(told.LogLevel), MetricsLevel: jsii.String("APPLICATION"),
			},
			ParallelismConfiguration: &awskinesisanalyticsv2.CfnApplication_ParallelismConfigurationProperty{
				ConfigurationType: jsii.String("CUSTOM"), AutoScalingEnabled: jsii.Bool(true),
				Parallelism: jsii.Number(cfg.Processor.KPUs), ParallelismPerKpu: jsii.Number(1),
			},
		},
	}
	if !p.Network.Public {
		c.VpcConfigurations = []any{&awskinesisanalyticsv2.CfnApplication_VpcConfigurationProperty{
			SubnetIds: p.Vpc.SelectSubnets(p.Network.Subnets).SubnetIds, SecurityGroupIds: &[]*string{p.Network.Group.SecurityGroupId()},
		}}
	}
	return c
}

// flinkLogs has the service write the job's log into the stack's group.
func (p *Processor) flinkLogs(of awskinesisanalyticsv2.CfnApplication) awskinesisanalyticsv2.CfnApplicationCloudWatchLoggingOption {
	stream := awslogs.NewLogStream(p.Stack, jsii.String("FlinkLog"), &awslogs.LogStreamProps{
		LogGroup: p.Logs, LogStreamName: jsii.String("flink"), RemovalPolicy: awscdk.RemovalPolicy_RETAIN, // as the group
	})
	arn := p.Stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		ResourceName: awscdk.Fn_Join(jsii.String(":log-stream:"), &[]*string{p.Logs.LogGroupName(), stream.LogStreamName()}),
	})
	option := awskinesisanalyticsv2.NewCfnApplicationCloudWatchLoggingOption(p.Stack, jsii.String("Logging"), &awskinesisanalyticsv2.CfnApplicationCloudWatchLoggingOptionProps{
		ApplicationName:         of.Ref(),
		CloudWatchLoggingOption: &awskinesisanalyticsv2.CfnApplicationCloudWatchLoggingOption_CloudWatchLoggingOptionProperty{LogStreamArn: arn},
	})
	return option
}

// flinkRun starts the application, waits for each of its updates, and stops it with a
// snapshot before it is deleted (infra/lambda/flink). Whatever changes the application
// changes this resource, too, so that a job which does not start fails the deployment.
func (p *Processor) flinkRun(cfg config.Config, told config.Flink, jar awss3assets.Asset, flags map[string]*string) awscdk.CustomResource {
	function := goFunction(p.Stack, "FlinkRun", "flink", "Starts the Flink application of taxi trips, and stops it with a snapshot", cfg,
		awscdk.Duration_Minutes(jsii.Number(15)), map[string]*string{}, nil)
	keep(function.LogGroup())
	// Of another index prefix the application has another name; the one before it is stopped after the role has changed.
	function.AddToRolePolicy(allow(nil, p.Stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("kinesisanalytics"), Resource: jsii.String("application"), ResourceName: jsii.String(cfg.Name + "-flink*"),
	}), "kinesisanalytics:DescribeApplication", "kinesisanalytics:DescribeApplicationOperation", "kinesisanalytics:ListApplicationOperations",
		"kinesisanalytics:ListApplicationSnapshots", "kinesisanalytics:StartApplication", "kinesisanalytics:StopApplication"))
	run := awscdk.NewCustomResource(p.Stack, jsii.String("Run"), &awscdk.CustomResourceProps{
		ServiceToken: function.FunctionArn(),
		ResourceType: jsii.String("Custom::FlinkRun"),
		Properties: &map[string]any{
			"Application": cfg.ApplicationName(), "Code": jar.S3ObjectKey(), "Flags": maps.Clone(flags), "Release": release("flink"),
			"Settings": fmt.Sprintf("%d units, a checkpoint every %s, log %s, network %s", cfg.Processor.KPUs, told.CheckpointInterval, told.LogLevel, cfg.Network.Mode),
		},
		// A little more than the function's own.
		ServiceTimeout: awscdk.Duration_Minutes(jsii.Number(17)),
	})
	run.Node().AddDependency(function.Role().Node().FindChild(jsii.String("DefaultPolicy")))
	return run
}

// flinkRole is what the job may call, and the service for it. Only the service, for this
// deployment's application (and the one of the index prefix before, until it is stopped),
// takes it. It is another one than the task's: while the editions change each has its own.
func (p *Processor) flinkRole(cfg config.Config) awsiam.Role {
	role := awsiam.NewRole(p.Stack, jsii.String("FlinkRole"), &awsiam.RoleProps{
		Description: jsii.String("What the Flink job of taxi trips may call"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("kinesisanalytics.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": p.Stack.Account()},
				"ArnLike": map[string]any{"aws:SourceArn": p.Stack.FormatArn(&awscdk.ArnComponents{
					Service: jsii.String("kinesisanalytics"), Resource: jsii.String("application"), ResourceName: jsii.String(cfg.Name + "-flink*"),
				})},
			},
		}),
	})
	role.AddToPolicy(allow(nil, p.Logs.LogGroupArn(), "logs:DescribeLogStreams", "logs:PutLogEvents"))
	role.AddToPolicy(allow(nil, p.Stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: jsii.String("*"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	}), "logs:DescribeLogGroups"))
	if !p.Network.Public {
		role.AddToPolicy(allow(nil, jsii.String("*"), "ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface",
			"ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"))
	}
	return role
}

// jarFile panics where the job is not built yet: Main says so in one line.
func jarFile(cfg config.Config) string {
	file := cfg.Processor.Jar
	if file == "" {
		file = filepath.Join(repository(), "bin", "flink", "taxistream-flink.jar")
	}
	if info, err := os.Stat(file); err != nil || info.IsDir() {
		panic(fmt.Sprintf("processor.edition=flink: the job's jar %s is not there: make flink (it needs Java 17 and Maven), or name another with -c processor.jar=", file))
	}
	return file
}
