package app

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiot"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// Telemetry is the stack that takes trips from taxis over MQTT into the stream.
//
// It brings trips only, never watermarks: a taxi knows no other taxi's trips, and
// a forged watermark would close windows for all. So results come only while a
// producer sends watermarks, and a trip below them is late. What the stream does
// not take is kept, with its payload, in the log of failures.
type Telemetry struct {
	awscdk.Stack
	Rule     awsiot.CfnTopicRule
	Taxi     awsiot.CfnPolicy // for the taxis' certificates
	Failures awslogs.LogGroup
}

// NewTelemetry makes the stack "Telemetry".
func NewTelemetry(app constructs.Construct, cfg config.Config, stream *Stream) *Telemetry {
	stack := newStack(app, cfg, "Telemetry", "Taxi trips: from taxis over MQTT into the stream")
	t := &Telemetry{Stack: stack}
	t.Failures = awslogs.NewLogGroup(stack, jsii.String("Failures"), &awslogs.LogGroupProps{
		Retention:     awslogs.RetentionDays_ONE_MONTH,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	put := t.role("PutRole", "IoT Core: puts taxis' trips on the stream")
	put.AddToPolicy(allow(nil, stream.Stream.StreamArn(), "kinesis:PutRecord"))
	put.AddToPolicy(allow(equals("kms:ViaService", viaService(stack, "kinesis")), stream.Key.KeyArn(), "kms:GenerateDataKey"))
	log := t.role("FailureRole", "IoT Core: logs taxis' trips that the stream does not take")
	log.AddToPolicy(allow(nil, t.Failures.LogGroupArn(), "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"))
	accept(log, "AwsSolutions-IAM5", "the streams of one log group")
	t.Rule = awsiot.NewCfnTopicRule(stack, jsii.String("Rule"), &awsiot.CfnTopicRuleProps{
		RuleName: jsii.String(databaseName(cfg) + "_telemetry"),
		TopicRulePayload: &awsiot.CfnTopicRule_TopicRulePayloadProperty{
			Description:      jsii.String("Taxis' trips, and nothing else of theirs, into the stream"),
			AwsIotSqlVersion: jsii.String("2016-03-23"),
			Sql:              jsii.String(telemetrySQL(cfg.Telemetry.Topic)),
			Actions: []any{&awsiot.CfnTopicRule_ActionProperty{Kinesis: &awsiot.CfnTopicRule_KinesisActionProperty{
				StreamName: stream.Stream.StreamName(), PartitionKey: jsii.String("${trip_id}"), RoleArn: put.RoleArn(),
			}}},
			ErrorAction: &awsiot.CfnTopicRule_ActionProperty{CloudwatchLogs: &awsiot.CfnTopicRule_CloudwatchLogsActionProperty{
				LogGroupName: t.Failures.LogGroupName(), RoleArn: log.RoleArn(),
			}},
		},
	})
	// IoT tries neither role when the rule is made, but a message may come at once.
	t.Rule.Node().AddDependency(put, log)
	t.Taxi = t.taxiPolicy(cfg)
	output(stack, "TaxiPolicy", "the IoT policy to attach to each taxi's certificate", t.Taxi.Ref())
	return t
}

// telemetrySQL passes trips: "type" says so or is absent (the contract's rule for records).
func telemetrySQL(topic string) string {
	return "SELECT * FROM '" + topic + "' WHERE isUndefined(type) OR isNull(type) OR type = 'trip'"
}

// role is one that IoT Core takes for rules of this account only.
func (t *Telemetry) role(id, description string) awsiam.Role {
	return awsiam.NewRole(t.Stack, jsii.String(id), &awsiam.RoleProps{
		Description: jsii.String(description),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("iot.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: equals("aws:SourceAccount", t.Stack.Account()),
		}),
	})
}

// taxiPolicy lets a thing connect under its own name and publish on its own
// topic: the first + of the topic filter stands for the name. It holds only for a
// certificate that is attached to the thing: without that condition whoever has any
// certificate connects under any name (IoT Core guide, "Thing policy variables" and
// "Connect policy examples", iot:Connection.Thing.IsAttached).
func (t *Telemetry) taxiPolicy(cfg config.Config) awsiot.CfnPolicy {
	const thing = "${iot:Connection.Thing.ThingName}"
	attached := map[string]any{"Bool": map[string]any{"iot:Connection.Thing.IsAttached": []string{"true"}}}
	return awsiot.NewCfnPolicy(t.Stack, jsii.String("Taxi"), &awsiot.CfnPolicyProps{
		PolicyName: jsii.String(cfg.Name + "-taxi"),
		PolicyDocument: map[string]any{
			"Version": "2012-10-17",
			"Statement": []any{
				map[string]any{"Effect": "Allow", "Action": "iot:Connect", "Resource": t.iotARN("client", thing), "Condition": attached},
				map[string]any{"Effect": "Allow", "Action": "iot:Publish", "Resource": t.iotARN("topic", strings.Replace(cfg.Telemetry.Topic, "+", thing, 1)), "Condition": attached},
			},
		},
	})
}

func (t *Telemetry) iotARN(resource, name string) *string {
	return t.Stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("iot"), Resource: jsii.String(resource), ResourceName: jsii.String(name),
	})
}
