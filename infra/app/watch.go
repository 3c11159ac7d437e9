package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// Watch is the stack that looks at the others: alarms, each for a promise of the
// pipeline, whoever hears of them, a dashboard and a budget. Nothing depends on
// it: it can go and come back while the pipeline runs.
type Watch struct {
	awscdk.Stack
	Key       awskms.Key
	Topic     awssns.Topic // of all alarms
	Alarms    []awscloudwatch.Alarm
	Dashboard awscloudwatch.Dashboard
	cfg       config.Config
	of        watched
}

// NewWatch makes the stack "Watch" for the parts that are there.
func NewWatch(app constructs.Construct, cfg config.Config, p Parts) *Watch {
	stack := newStack(app, cfg, "Watch", "Taxi trips: dashboard, alarms and budget")
	w := &Watch{Stack: stack, cfg: cfg, of: watch(p, cfg)}
	w.openTopic()
	w.openChat()
	w.openBudget()
	for _, a := range w.alarms() {
		w.add(a)
	}
	w.openDashboard()
	output(stack, "AlarmTopic", "the topic of all alarms: whoever subscribes to it hears of them", w.Topic.TopicArn())
	output(stack, "DashboardURL", "the pipeline's figures", awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("https://"), stack.Region(), jsii.String(".console." + consoleHost + "/cloudwatch/home?region="), stack.Region(),
		jsii.String("#dashboards/dashboard/"), accountWide(stack, cfg),
	}))
	return w
}

// consoleHost is that of the partition of the templates (infra/cdk.json).
const consoleHost = "aws.amazon.com"
