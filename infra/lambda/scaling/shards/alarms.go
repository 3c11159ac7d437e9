package shards

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Expression is the metric of both alarms: the share of the stream's write
// capacity in use, in percent. A shard takes 1 MiB and 1,000 records a second
// (Kinesis guide, "Quotas and limits"); the greater share counts. bytes and
// records are the ids of the stream's IncomingBytes and IncomingRecords, as sums.
func Expression(shards int) string {
	return fmt.Sprintf("100*MAX([bytes/1048576,records/1000])/(PERIOD(bytes)*%d)", shards)
}

var capacity = regexp.MustCompile(`\(PERIOD\(bytes\)\*(\d+)\)$`)

// reckon makes both alarms reckon with a number of shards, puts those that did
// not back, and tells whether there was one.
func (s *Scaler) reckon(ctx context.Context, shards int) (changed bool, err error) {
	answer, err := s.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: []string{s.settings.Up, s.settings.Down}, AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm},
	})
	if err != nil {
		return false, fmt.Errorf("describe the alarms: %w", err)
	}
	if len(answer.MetricAlarms) != 2 {
		return false, fmt.Errorf("there are %d of the alarms %s and %s: deploy the stack again", len(answer.MetricAlarms), s.settings.Up, s.settings.Down)
	}
	for i := range answer.MetricAlarms {
		alarm := &answer.MetricAlarms[i]
		query, have, err := expressionOf(alarm)
		if err != nil {
			return changed, err
		}
		if have == shards {
			continue
		}
		changed = true
		query.Expression = aws.String(Expression(shards))
		// Put back first: if the put fails, the next try does both again.
		if err := s.rearm(ctx, *alarm.AlarmName, fmt.Sprintf("the stream has %d shards", shards)); err != nil {
			return changed, err
		}
		if _, err := s.cloudwatch.PutMetricAlarm(ctx, again(alarm)); err != nil {
			return changed, fmt.Errorf("put alarm %s for %d shards: %w", *alarm.AlarmName, shards, err)
		}
	}
	return changed, nil
}

// expressionOf finds the expression, and the number of shards in it.
func expressionOf(alarm *types.MetricAlarm) (*types.MetricDataQuery, int, error) {
	for i := range alarm.Metrics {
		query := &alarm.Metrics[i]
		if m := capacity.FindStringSubmatch(aws.ToString(query.Expression)); m != nil {
			shards, err := strconv.Atoi(m[1])
			return query, shards, err
		}
	}
	return nil, 0, fmt.Errorf("alarm %s has no expression that ends in a number of shards: deploy the stack again", *alarm.AlarmName)
}

// again is the input that makes the alarm as it is: a put replaces all of it.
func again(a *types.MetricAlarm) *cloudwatch.PutMetricAlarmInput {
	return &cloudwatch.PutMetricAlarmInput{
		AlarmName: a.AlarmName, AlarmDescription: a.AlarmDescription,
		ActionsEnabled: a.ActionsEnabled, AlarmActions: a.AlarmActions, OKActions: a.OKActions, InsufficientDataActions: a.InsufficientDataActions,
		Metrics: a.Metrics, ComparisonOperator: a.ComparisonOperator, Threshold: a.Threshold,
		EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm, TreatMissingData: a.TreatMissingData,
	}
}

// rearm puts an alarm to INSUFFICIENT_DATA: from there it acts again.
func (s *Scaler) rearm(ctx context.Context, alarm, why string) error {
	_, err := s.cloudwatch.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{
		AlarmName: &alarm, StateValue: types.StateValueInsufficientData, StateReason: &why,
	})
	if err != nil {
		return fmt.Errorf("put back alarm %s: %w", alarm, err)
	}
	return nil
}
