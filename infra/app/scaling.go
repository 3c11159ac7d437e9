package app

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// Scaling is the stack that follows the load with the stream's shards: two
// alarms on the share of its write capacity in use, whose action is a function
// that doubles or halves them (infra/lambda/scaling).
//
// A later deployment leaves the stream's shards as they are unless stream.shards
// changes. It may put the alarms back to the shards of the configuration; the
// function notices at the first call, and corrects them.
type Scaling struct {
	awscdk.Stack
	Function awslambda.Function
	Up, Down awscloudwatch.Alarm
}

// NewScaling makes the stack "Scaling".
func NewScaling(app constructs.Construct, cfg config.Config, stream *Stream) *Scaling {
	stack := newStack(app, cfg, "Scaling", "Taxi trips: as many shards as the load needs")
	s := &Scaling{Stack: stack}
	up, down := cfg.Name+"-shards-up", cfg.Name+"-shards-down"
	s.Function = goFunction(stack, "Function", "scaling", "Doubles and halves the shards of the stream of taxi trips", cfg,
		awscdk.Duration_Seconds(jsii.Number(60)), map[string]*string{
			"STREAM":     stream.Stream.StreamName(),
			"UP_ALARM":   jsii.String(up),
			"DOWN_ALARM": jsii.String(down),
			"LEAST":      jsii.String(fmt.Sprint(cfg.Scaling.Least)),
			"GREATEST":   jsii.String(fmt.Sprint(cfg.Scaling.Greatest)),
			"COOLDOWN":   jsii.String(fmt.Sprintf("%dm", cfg.Scaling.CooldownMinutes)),
		}, nil)
	s.Function.AddToRolePolicy(allow(nil, stream.Stream.StreamArn(),
		"kinesis:DescribeStreamSummary", "kinesis:UpdateShardCount", "kinesis:ListTagsForStream", "kinesis:AddTagsToStream"))
	for _, name := range []string{up, down} {
		s.Function.AddToRolePolicy(allow(nil, alarmARN(stack, name),
			"cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:SetAlarmState"))
	}
	// Up at once, down only after half an hour: a merge and a split again cost more than idle shards.
	s.Up = s.alarm(up, cfg, stream, &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String(describe(cfg, "The stream's shards are nearly full: they are doubled.", "shard-scaling")),
		Threshold:          jsii.Number(cfg.Scaling.UpPercent),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		EvaluationPeriods:  jsii.Number(3),
		// A stream without data is not full.
		TreatMissingData: awscloudwatch.TreatMissingData_NOT_BREACHING,
	}, 1)
	s.Down = s.alarm(down, cfg, stream, &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String(describe(cfg, "The stream's shards are mostly idle: they are halved.", "shard-scaling")),
		Threshold:          jsii.Number(cfg.Scaling.DownPercent),
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		EvaluationPeriods:  jsii.Number(6),
		// A stream without data is idle.
		TreatMissingData: awscloudwatch.TreatMissingData_BREACHING,
	}, 5)
	return s
}

// alarm calls the function. Only this alarm of this account may.
func (s *Scaling) alarm(name string, cfg config.Config, stream *Stream, props *awscloudwatch.AlarmProps, minutes int) awscloudwatch.Alarm {
	period := awscdk.Duration_Minutes(jsii.Number(minutes))
	sum := func(metric string) awscloudwatch.IMetric {
		return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String("AWS/Kinesis"), MetricName: jsii.String(metric), Statistic: jsii.String("Sum"), Period: period,
			DimensionsMap: &map[string]*string{"StreamName": stream.Stream.StreamName()},
		})
	}
	props.AlarmName = jsii.String(name)
	props.Metric = awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression:   jsii.String(capacityExpression(cfg.Stream.Shards)),
		Label:        jsii.String("% of the write capacity"),
		Period:       period,
		UsingMetrics: &map[string]awscloudwatch.IMetric{"bytes": sum("IncomingBytes"), "records": sum("IncomingRecords")},
	})
	alarm := awscloudwatch.NewAlarm(s.Stack, jsii.String(name[len(cfg.Name)+1:]), props)
	alarm.Node().DefaultChild().(awscloudwatch.CfnAlarm).SetAlarmActions(&[]*string{s.Function.FunctionArn()})
	s.Function.AddPermission(jsii.String(name), &awslambda.Permission{
		Principal:     awsiam.NewServicePrincipal(jsii.String("lambda.alarms.cloudwatch.amazonaws.com"), nil),
		SourceAccount: s.Stack.Account(),
		SourceArn:     alarmARN(s.Stack, name),
	})
	return alarm
}

// capacityExpression is the function's own (infra/lambda/scaling/shards), which
// changes the number in it; a test holds them equal.
func capacityExpression(shards int) string {
	return fmt.Sprintf("100*MAX([bytes/1048576,records/1000])/(PERIOD(bytes)*%d)", shards)
}

func alarmARN(stack awscdk.Stack, name string) *string {
	return stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("cloudwatch"), Resource: jsii.String("alarm"), ResourceName: jsii.String(name),
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
}
