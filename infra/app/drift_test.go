//go:build infra

package app

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"taxistream/internal/flags"
	"taxistream/internal/names"
	"taxistream/internal/telemetry"
	processor "taxistream/processor/app"
	producer "taxistream/producer/app"
)

// written are the metrics that the programs write with -emf, as "name program"
// and "name program reason".
func written() map[string]bool {
	all := map[string]bool{}
	for program, figures := range map[string][]telemetry.Figure{
		names.Processor: processor.CloudWatchFigures(), names.Producer: producer.CloudWatchFigures(),
	} {
		for _, f := range figures {
			all[names.CloudWatch(f.Metric)+" "+program] = true
			if f.By == names.LabelReason {
				for _, reason := range names.Reasons() {
					all[names.CloudWatch(f.Metric)+" "+program+" "+reason] = true
				}
			}
		}
	}
	return all
}

// Every metric of our namespace in an alarm or on the dashboard is one that a
// program writes, with these dimensions; and none is written for nobody.
func TestMetricsExist(t *testing.T) {
	d := synthesized(t)
	there, used := written(), map[string]bool{}
	for _, r := range d.Stacks["Watch"].resources("AWS::CloudWatch::Alarm") {
		visit(r.Properties, func(m map[string]any) {
			if m["Namespace"] != d.Config.Namespace() {
				return
			}
			dimensions := map[string]string{}
			list, _ := m["Dimensions"].([]any)
			for _, dim := range list {
				dimensions[fmt.Sprint(dim.(map[string]any)["Name"])] = fmt.Sprint(dim.(map[string]any)["Value"])
			}
			used[metricKey(t, fmt.Sprint(m["MetricName"]), dimensions)] = true
		})
	}
	for _, m := range dashboardMetrics(t, d.Stacks["Watch"]) {
		if m[0] != d.Config.Namespace() {
			continue
		}
		dimensions := map[string]string{}
		for i := 2; i+1 < len(m); i += 2 {
			dimensions[m[i]] = m[i+1]
		}
		used[metricKey(t, m[1], dimensions)] = true
	}
	for key := range used {
		if !there[key] {
			t.Errorf("no program writes %q", key)
		}
	}
	if len(used) < 20 {
		t.Errorf("only %d metrics of ours are looked at", len(used))
	}
	for key := range there {
		if !used[key] && !unwatched[key] {
			t.Errorf("a program writes %q, which costs money, and nobody looks at it", key)
		}
	}
}

// unwatched are written without being looked at here.
var unwatched = map[string]bool{
	"records_rejected processor": true, // the sum over the reasons, which are drawn one by one
}

func metricKey(t *testing.T, name string, dimensions map[string]string) string {
	t.Helper()
	key := name + " " + dimensions[names.DimensionProgram]
	if reason, there := dimensions[names.LabelReason]; there {
		key += " " + reason
		delete(dimensions, names.LabelReason)
	}
	delete(dimensions, names.DimensionProgram)
	if len(dimensions) > 0 {
		t.Errorf("%s has further dimensions: %v", name, dimensions)
	}
	return key
}

// dashboardMetrics are the metrics of all graphs: namespace, name, and names and
// values of the dimensions.
func dashboardMetrics(t *testing.T, tmpl template) [][]string {
	t.Helper()
	dashboards := tmpl.resources("AWS::CloudWatch::Dashboard")
	if len(dashboards) != 1 {
		t.Fatalf("%d dashboards, want one", len(dashboards))
	}
	var body struct {
		Widgets []struct {
			Properties struct {
				Metrics [][]any
			}
		}
	}
	text := flattened(dashboards[0].Properties["DashboardBody"])
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	var all [][]string
	for _, w := range body.Widgets {
		for _, m := range w.Properties.Metrics {
			var parts []string
			for _, part := range m {
				if s, isText := part.(string); isText {
					parts = append(parts, s)
				}
			}
			if len(parts) >= 2 { // one that is computed has none
				all = append(all, parts)
			}
		}
	}
	return all
}

// flattened is a text of a template with names in place of what is known at deployment only.
func flattened(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		if join, ok := v["Fn::Join"].([]any); ok {
			var all []string
			for _, part := range join[1].([]any) {
				all = append(all, flattened(part))
			}
			return strings.Join(all, join[0].(string))
		}
		for _, key := range []string{"Ref", "Fn::ImportValue"} {
			if text, ok := v[key].(string); ok {
				return text
			}
		}
		if at, ok := v["Fn::GetAtt"].([]any); ok {
			return fmt.Sprint(at...)
		}
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// The command line of every container passes the program's own parser, and tells
// the program to write its metrics where the watch looks for them.
func TestCommandLines(t *testing.T) {
	d := synthesized(t)
	seen := map[string]int{}
	for stack, tmpl := range d.Stacks {
		for _, r := range tmpl.resources("AWS::ECS::TaskDefinition") {
			containers, _ := r.Properties["ContainerDefinitions"].([]any)
			for _, c := range containers {
				var command []string
				for _, word := range c.(map[string]any)["Command"].([]any) {
					// What another stack exports is known when it is deployed: here its export's name stands for it.
					command = append(command, strings.ReplaceAll(flattened(word), ":Exports", "-Exports"))
				}
				seen[command[0]]++
				namespace, err := parse(command)
				if err != nil {
					t.Errorf("%s: %v: %v", stack, command, err)
				}
				if namespace != d.Config.Namespace() {
					t.Errorf("%s: %s writes its metrics under %q, the watch looks under %q", stack, command[0], namespace, d.Config.Namespace())
				}
			}
		}
	}
	if seen[names.Processor] != 1 || seen[names.Producer] != 1 {
		t.Errorf("task definitions by program: %v, want one each", seen)
	}
}

// parse reads a command line as the program does; namespace is its -emf.
func parse(command []string) (namespace string, err error) {
	var complaint strings.Builder
	refused := func(set *flags.Set) bool {
		done, _ := set.Parse(command[1:], io.Discard, &complaint)
		return done
	}
	switch command[0] {
	case names.Processor:
		set, config := processor.CommandLine(1)
		if refused(set) {
			return "", fmt.Errorf("%s", complaint.String())
		}
		c, err := config()
		return c.EMF, err
	case names.Producer:
		set, c := producer.CommandLine()
		if refused(set) {
			return "", fmt.Errorf("%s", complaint.String())
		}
		return c.EMF, c.Check()
	}
	return "", fmt.Errorf("no program %s", command[0])
}
