//go:build infra

package app

import (
	"slices"
	"strings"
	"testing"

	"taxistream/infra/config"
)

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
		"processor-lag":       float64(c.Watch.LagSeconds),
		"processor-watermark": float64(c.Watch.StalledSeconds),
		"late-records":        float64(c.Watch.LatePercent),
		"checkpoint-age":      float64(c.Watch.CheckpointAge),
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
	cfg.Watch.Email, cfg.Watch.SlackWorkspace, cfg.Watch.SlackChannel, cfg.Watch.Budget = "", "", "", "0"
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
