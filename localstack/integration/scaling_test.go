//go:build integration

package integration

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/infra/lambda/scaling/shards"
	"taxistream/localstack/images"
)

// Ensure that the scaling function's calls are those that Kinesis and CloudWatch
// take: a stream is doubled, left alone within the cooldown, halved, and its
// alarms reckon with what it has.
func TestScaling(t *testing.T) {
	s := start(t, "LocalStack of "+t.Name(), images.LocalStack, "4566", "/_localstack/health", map[string]string{
		"SERVICES": "kinesis,cloudwatch", "EAGER_SERVICE_LOADING": "1", "LS_LOG": "warn",
	})
	t.Cleanup(s.remove)
	ctx := t.Context()
	conf, err := config.LoadDefaultConfig(ctx, config.WithRegion("us-east-1"), config.WithBaseEndpoint(s.URL),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")))
	if err != nil {
		t.Fatal(err)
	}
	streams, alarms := kinesis.NewFromConfig(conf), cloudwatch.NewFromConfig(conf)
	settings := shards.Settings{Stream: "scaled", Up: "scaled-up", Down: "scaled-down", Least: 1, Greatest: 4, Cooldown: 10 * time.Minute}
	if _, err := streams.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &settings.Stream, ShardCount: aws.Int32(2)}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{settings.Up, settings.Down} {
		if _, err := alarms.PutMetricAlarm(ctx, scalingAlarm(name, settings.Stream, 2)); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	scaler := shards.New(streams, alarms, settings, func() time.Time { return now })
	for _, step := range []struct {
		alarm string
		after time.Duration
		did   string
		to    int
	}{
		{settings.Up, 0, shards.Scaled, 4},
		{settings.Down, 5 * time.Minute, shards.Waits, 4},
		{settings.Up, 10 * time.Minute, shards.AtLimit, 4},
		{settings.Down, 0, shards.Scaled, 2},
	} {
		now = now.Add(step.after)
		awaitActive(t, streams, settings.Stream)
		got, err := scaler.Handle(ctx, alarmEvent(step.alarm))
		if err != nil || got.Did != step.did || got.To != step.to {
			t.Fatalf("%s at %v gave %+v, %v; want %s, %d shards", step.alarm, now, got, err, step.did, step.to)
		}
		checkAlarms(t, alarms, settings, step.to)
	}
}

func alarmEvent(name string) shards.Event {
	var event shards.Event
	event.Data.Name, event.Data.State.Value = name, "ALARM"
	return event
}

func scalingAlarm(name, stream string, n int) *cloudwatch.PutMetricAlarmInput {
	sum := func(id, metric string) cwtypes.MetricDataQuery {
		return cwtypes.MetricDataQuery{Id: &id, ReturnData: aws.Bool(false), MetricStat: &cwtypes.MetricStat{
			Metric: &cwtypes.Metric{
				Namespace: aws.String("AWS/Kinesis"), MetricName: &metric,
				Dimensions: []cwtypes.Dimension{{Name: aws.String("StreamName"), Value: &stream}},
			},
			Period: aws.Int32(60), Stat: aws.String("Sum"),
		}}
	}
	return &cloudwatch.PutMetricAlarmInput{
		AlarmName: &name, AlarmActions: []string{"arn:aws:lambda:us-east-1:000000000000:function:scaling"}, AlarmDescription: aws.String("about " + name),
		EvaluationPeriods: aws.Int32(3), Threshold: aws.Float64(75), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanOrEqualToThreshold,
		TreatMissingData: aws.String("notBreaching"),
		Metrics: []cwtypes.MetricDataQuery{
			{Id: aws.String("used"), Expression: aws.String(shards.Expression(n)), ReturnData: aws.Bool(true)},
			sum("bytes", "IncomingBytes"), sum("records", "IncomingRecords"),
		},
	}
}

func awaitActive(t *testing.T, streams *kinesis.Client, stream string) {
	t.Helper()
	for range 600 {
		got, err := streams.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: &stream})
		if err != nil {
			t.Fatal(err)
		}
		if got.StreamDescriptionSummary.StreamStatus == types.StreamStatusActive {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("%s does not become active", stream)
}

// checkAlarms: both reckon with the shards, and are otherwise what they were.
func checkAlarms(t *testing.T, alarms *cloudwatch.Client, settings shards.Settings, n int) {
	t.Helper()
	got, err := alarms.DescribeAlarms(context.Background(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{settings.Up, settings.Down}})
	if err != nil || len(got.MetricAlarms) != 2 {
		t.Fatalf("%d alarms, %v", len(got.MetricAlarms), err)
	}
	for _, a := range got.MetricAlarms {
		expression := ""
		for _, m := range a.Metrics {
			expression += aws.ToString(m.Expression)
		}
		if expression != shards.Expression(n) || len(a.Metrics) != 3 || len(a.AlarmActions) != 1 || aws.ToString(a.AlarmDescription) != "about "+*a.AlarmName {
			t.Errorf("alarm %s: %q, %d metrics, actions %v, %q", *a.AlarmName, expression, len(a.Metrics), a.AlarmActions, aws.ToString(a.AlarmDescription))
		}
		if a.StateValue == cwtypes.StateValueAlarm {
			t.Errorf("alarm %s is not put back", *a.AlarmName)
		}
	}
}
