//go:build infra

package app

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taxistream/infra/config"
)

// runbooks are the names in docs/runbooks, but for the index.
func runbooks(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../docs/runbooks/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no runbooks: %v", err)
	}
	var all []string
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".md"); name != "README" {
			all = append(all, name)
		}
	}
	return all
}

var namesRunbook = regexp.MustCompile(` Runbook: docs/runbooks/([a-z-]+)\.md$`)

// Every alarm names a runbook that exists, and every runbook is named by an alarm
// and by the index. A budget's message has no text of ours: its runbook is budget.md.
func TestRunbooks(t *testing.T) {
	d := synthesized(t)
	there, named := runbooks(t), []string{}
	for name, tmpl := range d.Stacks {
		for _, r := range tmpl.resources("AWS::CloudWatch::Alarm") {
			text, _ := r.Properties["AlarmDescription"].(string)
			m := namesRunbook.FindStringSubmatch(text)
			if m == nil {
				t.Errorf("%s: alarm %s does not end with its runbook: %q", name, r.ID, text)
				continue
			}
			named = append(named, m[1])
			if !slices.Contains(there, m[1]) {
				t.Errorf("%s: alarm %s names docs/runbooks/%s.md, which does not exist", name, r.ID, m[1])
			}
		}
		if len(tmpl.resources("AWS::Budgets::Budget")) > 0 {
			named = append(named, "budget")
		}
	}
	index := runbookText(t, "README")
	for _, name := range there {
		if !slices.Contains(named, name) {
			t.Errorf("docs/runbooks/%s.md is named by no alarm", name)
		}
		if !strings.Contains(index, "("+name+".md)") {
			t.Errorf("docs/runbooks/README.md does not list %s.md", name)
		}
	}
}

// Every runbook says what the alarm means, what users see, when it is over and when
// it rings in vain.
func TestRunbookParts(t *testing.T) {
	for _, name := range runbooks(t) {
		text := runbookText(t, name)
		if !strings.HasPrefix(text, "# "+name+"\n") {
			t.Errorf("%s.md does not begin with its name", name)
		}
		for _, part := range []string{"Means", "Users see", "Look", "Over", "False alarms"} {
			if !strings.Contains(text, "\n**"+part+".** ") {
				t.Errorf("%s.md has no part %q", name, part)
			}
		}
	}
}

func runbookText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/runbooks/" + name + ".md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	takesOutput = regexp.MustCompile(`\$\(out (\w+) (\w+)\)`)
	namesOption = regexp.MustCompile("`(?:-c )?((?:watch|stream|processor|producer|search|network|archive|scaling|trail)\\.[a-z-]+)")
	namesMetric = regexp.MustCompile("`((?:num|last|millis|bulk|input|watermark)_[a-z_]+)`")
	namesStack  = regexp.MustCompile(`TaxiStream-([A-Z][A-Za-z]+)`)
)

// Outputs, options, metrics and stacks that the runbooks name exist.
func TestRunbooksAreTrue(t *testing.T) {
	d := synthesized(t)
	options, metrics := map[string]bool{}, map[string]bool{}
	for _, o := range config.Options() {
		options[o.Key] = true
	}
	for key := range written() {
		name, _, _ := strings.Cut(key, " ")
		metrics[name] = true
	}
	for _, name := range append(runbooks(t), "README") {
		text := runbookText(t, name)
		for _, m := range takesOutput.FindAllStringSubmatch(text, -1) {
			outputs, _ := d.Stacks[m[1]]["Outputs"].(map[string]any)
			if outputs[m[2]] == nil {
				t.Errorf("%s.md: stack %s has no output %s", name, m[1], m[2])
			}
		}
		for _, m := range namesOption.FindAllStringSubmatch(text, -1) {
			if !options[m[1]] {
				t.Errorf("%s.md: no option %s", name, m[1])
			}
		}
		for _, m := range namesMetric.FindAllStringSubmatch(text, -1) {
			if !metrics[m[1]] {
				t.Errorf("%s.md: no program writes %s", name, m[1])
			}
		}
		for _, m := range namesStack.FindAllStringSubmatch(text, -1) {
			if d.Stacks[m[1]] == nil {
				t.Errorf("%s.md: no stack %s", name, m[1])
			}
		}
	}
}

// Every alarm of the watch speaks on the topic, when it begins and when it is over,
// and says what missing data means.
func TestAlarmsSpeak(t *testing.T) {
	alarms := synthesized(t).Stacks["Watch"].resources("AWS::CloudWatch::Alarm")
	if len(alarms) < 15 {
		t.Errorf("only %d alarms", len(alarms))
	}
	for _, r := range alarms {
		for _, property := range []string{"AlarmActions", "OKActions"} {
			if actions, _ := r.Properties[property].([]any); len(actions) != 1 {
				t.Errorf("%s has %d %s, want the topic", r.ID, len(actions), property)
			}
		}
		if missing, _ := r.Properties["TreatMissingData"].(string); missing == "" {
			t.Errorf("%s does not say what missing data means", r.ID)
		}
		if text := r.Properties["AlarmDescription"].(string); len(text) > 1024 {
			t.Errorf("%s has a description of %d characters, 1,024 are allowed", r.ID, len(text))
		}
	}
}

// Every log group forgets.
func TestLogRetention(t *testing.T) {
	for name, tmpl := range synthesized(t).Stacks {
		for _, r := range tmpl.resources("AWS::Logs::LogGroup") {
			if _, ok := r.Properties["RetentionInDays"].(float64); !ok {
				t.Errorf("%s: log group %s keeps its events for ever", name, r.ID)
			}
		}
	}
}

// The topic is encrypted, takes TLS only, and lets none but CloudWatch and Budgets
// of this account publish.
func TestTopic(t *testing.T) {
	tmpl := synthesized(t).Stacks["Watch"]
	topics := tmpl.resources("AWS::SNS::Topic")
	if len(topics) != 1 || topics[0].Properties["KmsMasterKeyId"] == nil {
		t.Fatalf("the topics are %v, want one, encrypted", topics)
	}
	denied, publishers := false, []string{}
	for _, r := range tmpl.resources("AWS::SNS::TopicPolicy") {
		visit(r.Properties, func(m map[string]any) {
			condition, _ := m["Condition"].(map[string]any)
			switch m["Effect"] {
			case "Deny":
				tls, _ := condition["Bool"].(map[string]any)
				denied = denied || tls["aws:SecureTransport"] == "false"
			case "Allow":
				own, _ := condition["StringEquals"].(map[string]any)
				if own["aws:SourceAccount"] == nil {
					t.Errorf("a statement for any account: %v", m)
				}
				principal, _ := m["Principal"].(map[string]any)
				publishers = append(publishers, texts(principal["Service"])...)
			}
		})
	}
	slices.Sort(publishers)
	if !denied || !slices.Equal(publishers, []string{"budgets.amazonaws.com", "cloudwatch.amazonaws.com"}) {
		t.Errorf("TLS only: %v; publishers %v", denied, publishers)
	}
}

// E-mail, chat and budget follow the options; nobody in the chat can do anything.
func TestWatchOptions(t *testing.T) {
	tmpl := synthesized(t).Stacks["Watch"]
	subscriptions := tmpl.resources("AWS::SNS::Subscription")
	if len(subscriptions) != 1 || subscriptions[0].Properties["Protocol"] != "email" || subscriptions[0].Properties["Endpoint"] != synthesized(t).Config.Watch.Email {
		t.Errorf("subscriptions %v, want the address", subscriptions)
	}
	chats := tmpl.resources("AWS::Chatbot::SlackChannelConfiguration")
	if len(chats) != 1 {
		t.Fatalf("%d chats, want one", len(chats))
	}
	guards, _ := chats[0].Properties["GuardrailPolicies"].([]any)
	if len(guards) != 1 || !strings.Contains(flattened(guards[0]), "policy/AWSDenyAll") {
		t.Errorf("the guardrail is %v, want AWSDenyAll", guards)
	}
	budgets := tmpl.resources("AWS::Budgets::Budget")
	if len(budgets) != 1 || !strings.Contains(flattened(budgets[0].Properties), "ACTUAL") || !strings.Contains(flattened(budgets[0].Properties), "FORECASTED") {
		t.Errorf("budgets %v, want one that rings for the actual and the forecast cost", budgets)
	}
}

// The options of the alarms reach them.
func TestAlarmLimits(t *testing.T) {
	d := synthesized(t)
	limits := map[string]float64{}
	for _, r := range d.Stacks["Watch"].resources("AWS::CloudWatch::Alarm") {
		limits[strings.TrimPrefix(r.Properties["AlarmName"].(string), d.Config.Name+"-")] = r.Properties["Threshold"].(float64)
	}
	c := config.Default()
	for name, want := range map[string]float64{
		"processor-lag":       float64(c.Watch.LagSeconds) * 1000,
		"processor-watermark": float64(c.Watch.StalledSeconds) * 1000,
		"checkpoint-age":      float64(c.Watch.CheckpointAge) * 1000,
		"stream-retention":    float64(c.Stream.RetentionHours) * 3600 * 1000 / 2,
		"archive-late":        float64(c.Archive.BufferSeconds) + 900,
		"search-storage":      float64(c.Search.VolumeGB) * 1024 / 4,
	} {
		if limits[name] != want {
			t.Errorf("%s rings at %v, want %v", name, limits[name], want)
		}
	}
}

// What the configuration leaves out is neither watched nor drawn, and nobody hears
// of anything who was not named.
func TestWatchLeavesOut(t *testing.T) {
	cfg := everything()
	cfg.Archive.On, cfg.Trail.On, cfg.Pipeline.On = false, false, false
	cfg.Watch.Email, cfg.Watch.SlackWorkspace, cfg.Watch.SlackChannel, cfg.Watch.BudgetDollars = "", "", "", 0
	cfg.Watch.Runbooks = "https://example.org/runbooks/"
	tmpl := synthesize(t, cfg).Stacks["Watch"]
	for _, kind := range []string{"AWS::SNS::Subscription", "AWS::Chatbot::SlackChannelConfiguration", "AWS::IAM::Role", "AWS::Budgets::Budget"} {
		if n := len(tmpl.resources(kind)); n != 0 {
			t.Errorf("%d of %s, want none", n, kind)
		}
	}
	for _, r := range tmpl.resources("AWS::CloudWatch::Alarm") {
		name := strings.TrimPrefix(r.Properties["AlarmName"].(string), cfg.Name+"-")
		if name == "archive-late" {
			t.Error("an alarm for an archive that is not there")
		}
		if text := r.Properties["AlarmDescription"].(string); !strings.HasSuffix(text, " Runbook: https://example.org/runbooks/"+name+".md") {
			t.Errorf("%s: %q", name, text)
		}
	}
	for _, m := range dashboardMetrics(t, tmpl) {
		if m[0] == "AWS/Firehose" {
			t.Errorf("the dashboard draws %v", m)
		}
	}
}
