//go:build infra

package app

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The other stacks are those of the edition go.
func TestFlinkLeavesTheRest(t *testing.T) {
	plain := synthesize(t, ordinary())
	for name, tmpl := range onFlink(t).Stacks {
		if !slices.Contains(flinkStacks, name) && !reflect.DeepEqual(portable(tmpl), portable(plain.Stacks[name])) {
			t.Errorf("stack %s is another one", name)
		}
	}
	if len(plain.Stacks) != len(onFlink(t).Stacks) {
		t.Errorf("%d stacks, the edition go has %d", len(onFlink(t).Stacks), len(plain.Stacks))
	}
}

// Whatever a stack of one edition imports, the same stacks of the other export: CloudFormation
// takes no export away that is in use, nor changes it, and the importing stacks come later.
func TestFlinkChangesNoExport(t *testing.T) {
	cfg := everything()
	of := flinked(t).Processor
	cfg.Processor.Edition, cfg.Processor.Jar = of.Edition, of.Jar
	there, here := synthesized(t), synthesize(t, cfg)
	n := 0
	for _, pair := range [][2]*deployment{{there, here}, {here, there}} {
		before, after := exportsOf(pair[0]), exportsOf(pair[1])
		for name, tmpl := range pair[0].Stacks {
			visit(map[string]any(tmpl), func(m map[string]any) {
				if imported, ok := m["Fn::ImportValue"].(string); ok {
					n++
					if after[imported] == "" || after[imported] != before[imported] {
						t.Errorf("%s of one edition imports %s, which is %q there and %q in the other", name, imported, before[imported], after[imported])
					}
				}
			})
		}
	}
	if n < 20 {
		t.Errorf("%d imports", n)
	}
}

// exportsOf are what the stacks of a deployment export: the values by the exports' names.
func exportsOf(d *deployment) map[string]string {
	all := map[string]string{}
	for _, tmpl := range d.Stacks {
		outputs, _ := tmpl["Outputs"].(map[string]any)
		for _, o := range outputs {
			if export, ok := o.(map[string]any)["Export"].(map[string]any); ok {
				all[flattened(export["Name"])] = flattened(o.(map[string]any)["Value"])
			}
		}
	}
	return all
}

// The alarms look at the application by its name, which holds nothing fast, and at no metric
// that only the edition go writes.
func TestFlinkWatch(t *testing.T) {
	d := onFlink(t)
	names := []string{}
	for _, r := range d.Stacks["Watch"].resources("AWS::CloudWatch::Alarm") {
		names = append(names, strings.TrimPrefix(r.Properties["AlarmName"].(string), "TaxiStream-"))
		visit(r.Properties, func(m map[string]any) {
			if m["Namespace"] == d.Config.Namespace() {
				t.Errorf("%s looks at %v, which nobody writes", r.ID, m["MetricName"])
			}
			if m["Namespace"] == "AWS/KinesisAnalytics" && flattened(m["Dimensions"].([]any)[0].(map[string]any)["Value"]) != "TaxiStream-flink" {
				t.Errorf("%s looks at %v", r.ID, m["Dimensions"])
			}
		})
	}
	for _, want := range []string{"flink-down", "flink-restarts", "flink-lag", "flink-watermark", "flink-checkpoints", "flink-memory", "flink-kpus", "search-red", "stream-retention"} {
		if !slices.Contains(names, want) {
			t.Errorf("no alarm %s", want)
		}
	}
	for _, m := range dashboardMetrics(t, d.Stacks["Watch"]) {
		if m[0] == d.Config.Namespace() && !slices.Contains(m, "producer") || m[0] == "AWS/ECS" {
			t.Errorf("the dashboard draws %v, which nobody writes", m)
		}
	}
	lag := ""
	for _, r := range flinkInside(t).Stacks["Watch"].resources("AWS::CloudWatch::Alarm") {
		if strings.HasSuffix(r.Properties["AlarmName"].(string), "-flink-lag") {
			lag = fmt.Sprint(r.Properties["MetricName"], flattened(r.Properties["Dimensions"]))
		}
	}
	if !strings.Contains(lag, "SubscribeToShardEvent.MillisBehindLatest") || !strings.Contains(lag, `"processor"`) {
		t.Errorf("with enhanced fan-out the lag is %s", lag)
	}
}

// A deployment pipeline builds the job, too, and no machine's own jar is named there.
func TestFlinkPipeline(t *testing.T) {
	cfg := flinked(t)
	spec := deploySpec(cfg)
	for _, want := range []string{"make lambda flink", `"java": "corretto17"`, "-c 'processor.edition=flink'"} {
		if !strings.Contains(spec, want) {
			t.Errorf("no %s in\n%s", want, spec)
		}
	}
	if strings.Contains(spec, cfg.Processor.Jar) || strings.Contains(deploySpec(ordinary()), "java") {
		t.Errorf("%s\n%s", spec, deploySpec(ordinary()))
	}
}
