package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/jsii-runtime-go"
)

// An alarm rings when a promise of the pipeline does not hold. Its runbook is
// docs/runbooks/<name>.md.
type alarm struct {
	name   string
	says   string // what is wrong, in one sentence, for whoever is called
	metric awscloudwatch.IMetric
	rings  comparison
	limit  float64
	of     int // periods that are looked at
	bad    int // of these, as many must ring; 0: all
	silent missing
}

// comparison is between the metric and the limit.
type comparison = awscloudwatch.ComparisonOperator

const (
	above   = awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD
	atLeast = awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD
	atMost  = awscloudwatch.ComparisonOperator_LESS_THAN_OR_EQUAL_TO_THRESHOLD
	below   = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD
)

// missing is what a period without data means.
type missing = awscloudwatch.TreatMissingData

const (
	// idle: the metric is there only while something happens, or another alarm
	// (processor-down) rings when it is gone.
	idle = awscloudwatch.TreatMissingData_NOT_BREACHING
	// gone: the metric is always there; without it the part is not running.
	gone = awscloudwatch.TreatMissingData_BREACHING
	// unknown: the service reports it each minute; a gap is the report's, so the
	// alarm stays as it is.
	unknown = awscloudwatch.TreatMissingData_IGNORE
)

// alarms are those of the parts that are there.
func (w *Watch) alarms() []alarm {
	var all []alarm
	if w.of.stream != nil {
		all = append(all, w.streamAlarms()...)
	}
	if w.of.service != nil {
		all = append(all, w.processorAlarms()...)
		all = append(all, w.timeAlarms()...)
		all = append(all, w.resultAlarms()...)
	}
	if w.of.flink != nil {
		all = append(all, w.flinkAlarms()...)
	}
	if w.of.domain != nil {
		all = append(all, w.searchAlarms()...)
	}
	if w.of.delivery != nil {
		all = append(all, w.archiveAlarms()...)
	}
	return all
}

// add makes the alarm; it speaks when it begins to ring and when it is over.
func (w *Watch) add(a alarm) {
	bad := a.bad
	if bad == 0 {
		bad = a.of
	}
	made := awscloudwatch.NewAlarm(w.Stack, jsii.String("Alarm-"+a.name), &awscloudwatch.AlarmProps{
		AlarmName:          jsii.String(w.cfg.Name + "-" + a.name),
		AlarmDescription:   jsii.String(describe(w.cfg, a.says, a.name)),
		Metric:             a.metric,
		ComparisonOperator: a.rings,
		Threshold:          jsii.Number(a.limit),
		EvaluationPeriods:  jsii.Number(a.of),
		DatapointsToAlarm:  jsii.Number(bad),
		TreatMissingData:   a.silent,
	})
	action := awscloudwatchactions.NewSnsAction(w.Topic)
	made.AddAlarmAction(action)
	made.AddOkAction(action)
	w.Alarms = append(w.Alarms, made)
}
