package shards

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// world is a stream and two alarms; it notes the calls that change something.
type world struct {
	t       *testing.T
	now     time.Time
	shards  int
	status  types.StreamStatus
	mode    types.StreamMode
	tags    map[string]string
	order   []string // of the tags
	alarms  map[string]*cwtypes.MetricAlarm
	fails   map[string]error // by operation
	changes []string
}

var start = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, shards int) *world {
	w := &world{
		t: t, now: start, shards: shards, status: types.StreamStatusActive, mode: types.StreamModeProvisioned,
		tags: map[string]string{}, alarms: map[string]*cwtypes.MetricAlarm{}, fails: map[string]error{},
	}
	for _, name := range []string{"up", "down"} {
		w.alarms[name] = &cwtypes.MetricAlarm{
			AlarmName: aws.String(name), AlarmArn: aws.String("arn:" + name), AlarmDescription: aws.String("about " + name),
			ActionsEnabled: aws.Bool(true), AlarmActions: []string{"arn:function"}, Threshold: aws.Float64(75),
			ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanOrEqualToThreshold,
			EvaluationPeriods:  aws.Int32(3), DatapointsToAlarm: aws.Int32(3), TreatMissingData: aws.String("notBreaching"),
			StateValue: cwtypes.StateValueAlarm,
			Metrics: []cwtypes.MetricDataQuery{
				{Id: aws.String("bytes")},
				{Id: aws.String("records")},
				{Id: aws.String("used"), Expression: aws.String(Expression(shards))},
			},
		}
	}
	return w
}

func (w *world) scaler() *Scaler {
	return New(w, w, Settings{Stream: "trips", Up: "up", Down: "down", Least: 2, Greatest: 16, Cooldown: 10 * time.Minute},
		func() time.Time { return w.now })
}

func (w *world) call(alarm string) (Outcome, error) {
	var event Event
	event.Data.Name, event.Data.State.Value = alarm, "ALARM"
	return w.scaler().Handle(context.Background(), event)
}

func (w *world) note(format string, args ...any) {
	w.changes = append(w.changes, fmt.Sprintf(format, args...))
}

func (w *world) DescribeStreamSummary(_ context.Context, in *kinesis.DescribeStreamSummaryInput, _ ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error) {
	return &kinesis.DescribeStreamSummaryOutput{StreamDescriptionSummary: &types.StreamDescriptionSummary{
		StreamName: in.StreamName, OpenShardCount: aws.Int32(int32(w.shards)), StreamStatus: w.status,
		StreamModeDetails: &types.StreamModeDetails{StreamMode: w.mode},
	}}, w.fails["describe"]
}

// UpdateShardCount refuses what Kinesis refuses.
func (w *world) UpdateShardCount(_ context.Context, in *kinesis.UpdateShardCountInput, _ ...func(*kinesis.Options)) (*kinesis.UpdateShardCountOutput, error) {
	if err := w.fails["update"]; err != nil {
		return nil, err
	}
	want := int(*in.TargetShardCount)
	if want > 2*w.shards || 2*want < w.shards || *in.StreamName != "trips" {
		w.t.Errorf("a change of %s from %d to %d shards, which Kinesis refuses", *in.StreamName, w.shards, want)
	}
	w.note("shards %d", want)
	w.shards = want
	return &kinesis.UpdateShardCountOutput{}, nil
}

// ListTagsForStream gives one tag a page.
func (w *world) ListTagsForStream(_ context.Context, in *kinesis.ListTagsForStreamInput, _ ...func(*kinesis.Options)) (*kinesis.ListTagsForStreamOutput, error) {
	if err := w.fails["tags"]; err != nil {
		return nil, err
	}
	at := 0
	if in.ExclusiveStartTagKey != nil {
		at = slices.Index(w.order, *in.ExclusiveStartTagKey) + 1
	}
	if at >= len(w.order) {
		return &kinesis.ListTagsForStreamOutput{HasMoreTags: aws.Bool(false)}, nil
	}
	key := w.order[at]
	return &kinesis.ListTagsForStreamOutput{
		Tags: []types.Tag{{Key: &key, Value: aws.String(w.tags[key])}}, HasMoreTags: aws.Bool(at+1 < len(w.order)),
	}, nil
}

func (w *world) AddTagsToStream(_ context.Context, in *kinesis.AddTagsToStreamInput, _ ...func(*kinesis.Options)) (*kinesis.AddTagsToStreamOutput, error) {
	if err := w.fails["tag"]; err != nil {
		return nil, err
	}
	for key, value := range in.Tags {
		if len(value) > 256 {
			w.t.Errorf("a tag of %d characters", len(value))
		}
		w.tag(key, value)
	}
	return &kinesis.AddTagsToStreamOutput{}, nil
}

func (w *world) tag(key, value string) {
	if _, there := w.tags[key]; !there {
		w.order = append(w.order, key)
	}
	w.tags[key] = value
}

func (w *world) DescribeAlarms(_ context.Context, in *cloudwatch.DescribeAlarmsInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	out := &cloudwatch.DescribeAlarmsOutput{}
	for _, name := range in.AlarmNames {
		if a := w.alarms[name]; a != nil {
			alarm := *a
			alarm.Metrics = slices.Clone(a.Metrics)
			out.MetricAlarms = append(out.MetricAlarms, alarm)
		}
	}
	return out, w.fails["alarms"]
}

// PutMetricAlarm replaces all but the state, as CloudWatch does.
func (w *world) PutMetricAlarm(_ context.Context, in *cloudwatch.PutMetricAlarmInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.PutMetricAlarmOutput, error) {
	if err := w.fails["put "+*in.AlarmName]; err != nil {
		return nil, err
	}
	old := w.alarms[*in.AlarmName]
	w.alarms[*in.AlarmName] = &cwtypes.MetricAlarm{
		AlarmName: in.AlarmName, AlarmArn: old.AlarmArn, AlarmDescription: in.AlarmDescription, StateValue: old.StateValue,
		ActionsEnabled: in.ActionsEnabled, AlarmActions: in.AlarmActions, OKActions: in.OKActions, InsufficientDataActions: in.InsufficientDataActions,
		Metrics: in.Metrics, ComparisonOperator: in.ComparisonOperator, Threshold: in.Threshold,
		EvaluationPeriods: in.EvaluationPeriods, DatapointsToAlarm: in.DatapointsToAlarm, TreatMissingData: in.TreatMissingData,
	}
	w.note("%s: %s", *in.AlarmName, *in.Metrics[len(in.Metrics)-1].Expression)
	return &cloudwatch.PutMetricAlarmOutput{}, nil
}

func (w *world) SetAlarmState(_ context.Context, in *cloudwatch.SetAlarmStateInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.SetAlarmStateOutput, error) {
	if err := w.fails["state"]; err != nil {
		return nil, err
	}
	if *in.StateReason == "" || in.StateValue != cwtypes.StateValueInsufficientData {
		w.t.Errorf("state %s for %q", in.StateValue, *in.StateReason)
	}
	w.alarms[*in.AlarmName].StateValue = in.StateValue
	w.note("%s back", *in.AlarmName)
	return &cloudwatch.SetAlarmStateOutput{}, nil
}

var errBroken = errors.New("broken")
