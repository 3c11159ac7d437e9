package app

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"taxistream/internal/names"
)

// The statistics in use.
const (
	sum     = "Sum"
	maximum = "Maximum"
	minimum = "Minimum"
	average = "Average"
	samples = "SampleCount"
)

// figure is a metric over some minutes.
type figure struct {
	namespace, name, statistic string
	minutes                    int
	label                      string // on the dashboard; empty: the name
	dimensions                 map[string]*string
}

func (f figure) metric() awscloudwatch.Metric {
	props := &awscloudwatch.MetricProps{
		Namespace: jsii.String(f.namespace), MetricName: jsii.String(f.name), Statistic: jsii.String(f.statistic),
		Period: awscdk.Duration_Minutes(jsii.Number(f.minutes)), DimensionsMap: &f.dimensions,
	}
	if f.label != "" {
		props.Label = jsii.String(f.label)
	}
	return awscloudwatch.NewMetric(props)
}

// processor is a metric that the processor's -emf writes, a line a minute: over
// five minutes a line on the edge of a minute makes no difference.
func (w *Watch) processor(name, statistic string) figure {
	return w.program(names.Processor, name, statistic)
}

func (w *Watch) producer(name, statistic string) figure {
	return w.program(names.Producer, name, statistic)
}

func (w *Watch) program(program, name, statistic string) figure {
	return figure{
		namespace: w.cfg.Namespace(), name: names.CloudWatch(name), statistic: statistic, minutes: 5,
		dimensions: map[string]*string{names.DimensionProgram: jsii.String(program)},
	}
}

// because is the metric of one reason.
func (f figure) because(reason string) figure {
	f.dimensions = map[string]*string{
		names.DimensionProgram: f.dimensions[names.DimensionProgram], names.LabelReason: jsii.String(reason),
	}
	f.label = reason
	return f
}

func (f figure) over(minutes int) figure  { f.minutes = minutes; return f }
func (f figure) labelled(l string) figure { f.label = l; return f }

// aSecond is the metric's sum as a rate; its name stands for it in the
// expression, because a graph has each name once.
func (f figure) aSecond() awscloudwatch.IMetric {
	return computed(f.name+"/PERIOD("+f.name+")", f.minutes, f.label, map[string]figure{f.name: f})
}

// computed is a metric computed from others.
func computed(expression string, minutes int, label string, using map[string]figure) awscloudwatch.MathExpression {
	metrics := map[string]awscloudwatch.IMetric{}
	for _, id := range slices.Sorted(maps.Keys(using)) {
		metrics[id] = using[id].metric()
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String(expression), Label: jsii.String(label), UsingMetrics: &metrics,
		Period: awscdk.Duration_Minutes(jsii.Number(minutes)),
	})
}

func (w *Watch) stream(name, statistic string) figure {
	return figure{
		namespace: "AWS/Kinesis", name: name, statistic: statistic, minutes: 1,
		dimensions: map[string]*string{"StreamName": w.of.stream},
	}
}

func (w *Watch) search(name, statistic string) figure {
	return figure{
		namespace: "AWS/ES", name: name, statistic: statistic, minutes: 1,
		dimensions: map[string]*string{"DomainName": w.of.domain, "ClientId": w.Stack.Account()},
	}
}

func (w *Watch) service(name, statistic string) figure {
	return figure{
		namespace: "AWS/ECS", name: name, statistic: statistic, minutes: 5,
		dimensions: map[string]*string{"ClusterName": w.of.cluster, "ServiceName": w.of.service},
	}
}

func (w *Watch) firehose(name, statistic string) figure {
	return figure{
		namespace: "AWS/Firehose", name: name, statistic: statistic, minutes: 5,
		dimensions: map[string]*string{"DeliveryStreamName": w.of.delivery},
	}
}
