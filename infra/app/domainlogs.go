package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsopensearchservice"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// newDomainLogs makes the four log groups of a domain and lets OpenSearch Service
// write them for this domain only: without the conditions it would do so for a
// domain of any account (confused deputy).
func newDomainLogs(stack awscdk.Stack, domain *string, cfg config.Config) *awsopensearchservice.LoggingOptions {
	var arns []any
	group := func(id string) awslogs.LogGroup {
		logs := awslogs.NewLogGroup(stack, jsii.String(id), &awslogs.LogGroupProps{
			Retention:     retentions[cfg.Search.LogDays],
			RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		})
		arns = append(arns, logs.LogGroupArn())
		return logs
	}
	options := &awsopensearchservice.LoggingOptions{
		AppLogEnabled: jsii.Bool(true), AppLogGroup: group("ErrorLogs"),
		AuditLogEnabled: jsii.Bool(true), AuditLogGroup: group("AuditLogs"),
		SlowSearchLogEnabled: jsii.Bool(true), SlowSearchLogGroup: group("SlowSearchLogs"),
		SlowIndexLogEnabled: jsii.Bool(true), SlowIndexLogGroup: group("SlowIndexLogs"),
	}
	awslogs.NewCfnResourcePolicy(stack, jsii.String("LogsPolicy"), &awslogs.CfnResourcePolicyProps{
		PolicyName: jsii.String(cfg.Name + "-Search-Logs"),
		PolicyDocument: stack.ToJsonString(map[string]any{
			"Version": "2012-10-17",
			"Statement": []any{map[string]any{
				"Effect":    "Allow",
				"Principal": map[string]any{"Service": "es.amazonaws.com"},
				"Action":    []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"},
				"Resource":  arns,
				"Condition": map[string]any{
					"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
					"ArnEquals":    map[string]any{"aws:SourceArn": domain},
				},
			}},
		}, nil),
	})
	return options
}
