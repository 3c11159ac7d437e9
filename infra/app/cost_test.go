//go:build infra

package app

import (
	"math"
	"strings"
	"testing"

	"taxistream/infra/config"
	"taxistream/infra/cost"
)

// How the estimate of the cost treats each type of resource: counted ones stand
// in the bill of their stack as often as in its template; the others are named
// with the line that has them, or with the reason why they cost nothing.
var (
	counted = map[string]struct {
		item cost.Item
		each float64 // how much of the item a month one resource is
	}{
		"AWS::KMS::Key":              {cost.KeyMonth, 1},
		"AWS::CloudWatch::Dashboard": {cost.DashboardMonth, 1},
	}
	uncounted = map[string]string{
		"AWS::Kinesis::Stream":                 "shard-hours, PUT units or on-demand data",
		"AWS::KinesisFirehose::DeliveryStream": "Firehose data in, partitioned data and objects",
		"AWS::S3::Bucket":                      "requests and storage",
		"AWS::Athena::WorkGroup":               "Athena data scanned",
		"AWS::Logs::LogGroup":                  "CloudWatch Logs data in",
		"AWS::CloudWatch::Alarm":               "see TestCostOfAlarms",

		"AWS::Lambda::Function":        "runs at a deployment or an alarm, for seconds",
		"AWS::Kinesis::StreamConsumer": "consumer-shard-hours",
		"AWS::IoT::TopicRule":          "messages, rules and actions",
		"AWS::CloudTrail::Trail":       "CloudTrail data events",
		"AWS::IoT::Policy":             "a text",
		"AWS::Lambda::Permission":      "a text",
		"AWS::CodePipeline::Pipeline":  "CodePipeline V2 minutes",
		"AWS::CodeBuild::Project":      "CodeBuild minutes",
		"AWS::Athena::NamedQuery":      "a text",
		"AWS::Glue::Database":          "the first million objects of the catalogue cost nothing",
		"AWS::Glue::Table":             "the first million objects of the catalogue cost nothing",
		"AWS::IAM::Policy":             "IAM costs nothing",
		"AWS::IAM::Role":               "IAM costs nothing",
		"AWS::Logs::LogStream":         "what is written costs, see the log group",
		"AWS::S3::BucketPolicy":        "a text",
		"Custom::S3AutoDeleteObjects":  "runs at the destruction",
	}
)

// What the templates hold is what the bill counts with.
func TestCostOfTemplates(t *testing.T) {
	d := synthesized(t)
	e, err := cost.Of(&d.Config, &cost.USEast1)
	if err != nil {
		t.Fatal(err)
	}
	for name, tmpl := range d.Stacks {
		want := map[cost.Item]float64{}
		for _, r := range tmpl.resources("") {
			if c, ok := counted[r.Type]; ok {
				want[c.item] += c.each
			} else if uncounted[r.Type] == "" {
				t.Errorf("%s: %s is of type %s, of which the estimate knows nothing: price it in infra/cost, or say why it costs nothing", name, r.ID, r.Type)
			}
		}
		for _, c := range counted {
			if got := quantity(&e, name, c.item); math.Abs(got-want[c.item]) > 1e-9 {
				t.Errorf("%s has %v %s, the bill counts %v", name, want[c.item], c.item, got)
			}
		}
	}
}

// Interface endpoints stand in each zone of theirs.
func TestCostOfEndpoints(t *testing.T) {
	cfg := everything()
	cfg.Network.Mode = config.NetworkEndpoints
	d := synthesize(t, cfg)
	e, err := cost.Of(&d.Config, &cost.USEast1)
	if err != nil {
		t.Fatal(err)
	}
	for name, tmpl := range d.Stacks {
		hours := 0.0
		for _, r := range tmpl.resources("AWS::EC2::VPCEndpoint") {
			if subnets, _ := r.Properties["SubnetIds"].([]any); r.Properties["VpcEndpointType"] == "Interface" {
				hours += 730 * float64(len(subnets))
			}
		}
		if got := quantity(&e, name, cost.EndpointHour); got != hours {
			t.Errorf("the endpoints of %s stand %v hours, the bill counts %v", name, hours, got)
		}
		if got, want := quantity(&e, name, cost.NATHour), 730*float64(len(tmpl.resources("AWS::EC2::NatGateway"))); got != want {
			t.Errorf("the NAT gateways of %s stand %v hours, the bill counts %v", name, want, got)
		}
	}
}

// An alarm costs by the metrics that it looks at.
func TestCostOfAlarms(t *testing.T) {
	d := synthesized(t)
	e, err := cost.Of(&d.Config, &cost.USEast1)
	if err != nil {
		t.Fatal(err)
	}
	for name, tmpl := range d.Stacks {
		metrics := 0.0
		for _, r := range tmpl.resources("AWS::CloudWatch::Alarm") {
			metrics += alarmMetrics(r)
		}
		if got := quantity(&e, name, cost.AlarmMonth); got != metrics {
			t.Errorf("the alarms of %s look at %v metrics, the bill counts %v", name, metrics, got)
		}
	}
}

func alarmMetrics(alarm resource) float64 {
	queries, _ := alarm.Properties["Metrics"].([]any)
	if queries == nil {
		return 1
	}
	n := 0.0
	for _, q := range queries {
		if q.(map[string]any)["MetricStat"] != nil {
			n++
		}
	}
	return n
}

func quantity(e *cost.Estimate, stack string, item cost.Item) float64 {
	sum := 0.0
	for _, l := range e.Lines {
		if l.Stack == stack && l.Item == item {
			sum += l.Quantity
		}
	}
	return sum
}

// A stack that the estimate knows is one of the deployment.
func TestCostOfStacks(t *testing.T) {
	d := synthesized(t)
	e, err := cost.Of(&d.Config, &cost.USEast1)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range e.Lines {
		if _, ok := d.Stacks[l.Stack]; !ok {
			t.Errorf("the bill has a line of %s, which is no stack: %s", l.Stack, strings.TrimSpace(string(l.Item)))
		}
	}
}
