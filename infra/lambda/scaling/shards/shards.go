// Package shards changes a stream's number of shards when a CloudWatch alarm
// calls for it: doubled on the one alarm, halved on the other.
//
// It keeps to the limits of Kinesis (at most twice or half of what is there, ten
// changes in 24 hours) and to those of its Settings. It has no memory of its own:
// the times of its changes are a tag of the stream, the number of shards that an
// alarm reckons with stands in the alarm's expression.
//
// An alarm acts once, when it changes to ALARM. So an alarm whose call could not
// be met now is put back to INSUFFICIENT_DATA, from where it calls again within
// minutes if the load is still there. One at the least or greatest number of
// shards is not: it rests in ALARM until the load changes.
//
// Every call may come twice, and both alarms at once: Kinesis takes no change
// while another is under way, and a change is noted before it is asked for.
package shards

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Kinesis is what is asked of the stream.
type Kinesis interface {
	DescribeStreamSummary(context.Context, *kinesis.DescribeStreamSummaryInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error)
	UpdateShardCount(context.Context, *kinesis.UpdateShardCountInput, ...func(*kinesis.Options)) (*kinesis.UpdateShardCountOutput, error)
	ListTagsForStream(context.Context, *kinesis.ListTagsForStreamInput, ...func(*kinesis.Options)) (*kinesis.ListTagsForStreamOutput, error)
	AddTagsToStream(context.Context, *kinesis.AddTagsToStreamInput, ...func(*kinesis.Options)) (*kinesis.AddTagsToStreamOutput, error)
}

// CloudWatch is what is asked of the alarms.
type CloudWatch interface {
	DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error)
	PutMetricAlarm(context.Context, *cloudwatch.PutMetricAlarmInput, ...func(*cloudwatch.Options)) (*cloudwatch.PutMetricAlarmOutput, error)
	SetAlarmState(context.Context, *cloudwatch.SetAlarmStateInput, ...func(*cloudwatch.Options)) (*cloudwatch.SetAlarmStateOutput, error)
}

// Event is what CloudWatch gives a function that is the action of an alarm.
type Event struct {
	Data struct {
		Name  string `json:"alarmName"`
		State struct {
			Value string `json:"value"`
		} `json:"state"`
	} `json:"alarmData"`
}

// What a call came to.
const (
	Scaled    = "scaled"    // the stream changes from From to To shards
	Corrected = "corrected" // the alarms reckoned with another number of shards, and now with To
	Waits     = "waits"     // not now: the alarm was put back
	AtLimit   = "at limit"  // the stream has the least or greatest number of shards
	Ignored   = "ignored"   // the event is no call
)

// Outcome is what came of an event, for the log.
type Outcome struct {
	Did      string `json:"did"`
	From, To int
	Why      string `json:"why,omitempty"`
}

// Scaler handles the alarms' events. It may be used by several goroutines.
type Scaler struct {
	kinesis    Kinesis
	cloudwatch CloudWatch
	settings   Settings
	now        func() time.Time
}

// New makes a Scaler; it owns nothing that must be closed.
func New(k Kinesis, c CloudWatch, settings Settings, now func() time.Time) *Scaler {
	return &Scaler{k, c, settings, now}
}

// Handle does what an event calls for. After an error the event can be handled
// again, which Lambda does twice.
func (s *Scaler) Handle(ctx context.Context, event Event) (Outcome, error) {
	up := event.Data.Name == s.settings.Up
	if !up && event.Data.Name != s.settings.Down {
		return Outcome{Did: Ignored, Why: "the alarm is neither " + s.settings.Up + " nor " + s.settings.Down}, nil
	}
	if event.Data.State.Value != "ALARM" {
		return Outcome{Did: Ignored, Why: "the alarm's state is " + event.Data.State.Value}, nil
	}
	answer, err := s.kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &s.settings.Stream})
	if err != nil {
		return Outcome{}, fmt.Errorf("describe stream %s: %w", s.settings.Stream, err)
	}
	stream := answer.StreamDescriptionSummary
	have := int(aws.ToInt32(stream.OpenShardCount))
	if mode := stream.StreamModeDetails; mode != nil && mode.StreamMode == types.StreamModeOnDemand {
		return Outcome{Did: Ignored, From: have, To: have, Why: "the stream is on demand, and scales itself: deploy with scaling.on=false"}, nil
	}
	if stream.StreamStatus != types.StreamStatusActive {
		return s.wait(ctx, event, have, fmt.Sprintf("the stream is %s", stream.StreamStatus))
	}
	if corrected, err := s.reckon(ctx, have); err != nil || corrected {
		return Outcome{Did: Corrected, From: have, To: have, Why: "the alarms reckoned with another number of shards"}, err
	}
	return s.change(ctx, event, have, s.settings.target(have, up))
}

// change asks for the number of shards, if the stream may change now.
func (s *Scaler) change(ctx context.Context, event Event, have, want int) (Outcome, error) {
	if want == have {
		return Outcome{Did: AtLimit, From: have, To: have, Why: fmt.Sprintf("%d to %d shards are allowed", s.settings.Least, s.settings.Greatest)}, nil
	}
	past, err := s.history(ctx)
	if err != nil {
		return Outcome{}, err
	}
	now := s.now()
	if why := s.settings.refuses(past, now); why != "" {
		return s.wait(ctx, event, have, why)
	}
	// Noted first: a change whose answer is lost is then counted, never one too many made.
	if err := s.note(ctx, append(past, now)); err != nil {
		return Outcome{}, err
	}
	_, err = s.kinesis.UpdateShardCount(ctx, &kinesis.UpdateShardCountInput{
		StreamName: &s.settings.Stream, TargetShardCount: aws.Int32(int32(want)), ScalingType: types.ScalingTypeUniformScaling,
	})
	var busy *types.ResourceInUseException
	var limit *types.LimitExceededException
	switch {
	case errors.As(err, &busy):
		return s.wait(ctx, event, have, "another change is under way")
	case errors.As(err, &limit):
		return s.wait(ctx, event, have, "a limit of Kinesis: "+limit.ErrorMessage())
	case err != nil:
		return Outcome{}, fmt.Errorf("change stream %s from %d to %d shards: %w", s.settings.Stream, have, want, err)
	}
	_, err = s.reckon(ctx, want)
	return Outcome{Did: Scaled, From: have, To: want}, err
}

// wait puts the alarm back, so that it calls again.
func (s *Scaler) wait(ctx context.Context, event Event, have int, why string) (Outcome, error) {
	return Outcome{Did: Waits, From: have, To: have, Why: why}, s.rearm(ctx, event.Data.Name, why)
}
