//go:build infra

package app

import (
	"math"
	"strings"
	"testing"

	"taxistream/infra/config"
	"taxistream/infra/cost"
)

// What the templates hold is what the bill counts with.
func TestCostOfTemplates(t *testing.T) {
	d := synthesized(t)
	e, err := cost.Of(&d.Config, &cost.USEast1)
	if err != nil {
		t.Fatal(err)
	}
	unknown := map[string]string{}
	for name, tmpl := range d.Stacks {
		want := map[cost.Item]float64{}
		for _, r := range tmpl.resources("") {
			if c, ok := counted[r.Type]; ok {
				want[c.item] += c.each
			} else if uncounted[r.Type] == "" && !strings.HasPrefix(r.Type, "Custom::") { // what is custom runs at a deployment, for seconds
				unknown[r.Type] = name
			}
		}
		for _, c := range counted {
			if got := quantity(&e, name, c.item); math.Abs(got-want[c.item]) > 1e-9 {
				t.Errorf("%s has %v %s, the bill counts %v", name, want[c.item], c.item, got)
			}
		}
	}
	for kind, name := range unknown {
		t.Errorf("%s has a %s, of which the estimate knows nothing: price it in infra/cost and add it to counted or uncounted", name, kind)
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
