//go:build infra

package app

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"

	"taxistream/infra/lambda/scaling/shards"
)

// No extra is there unless it is asked for.
func TestExtrasAreOff(t *testing.T) {
	d := synthesize(t, ordinary())
	for _, name := range []string{"Telemetry", "Scaling", "FanOut", "Trail", "Pipeline"} {
		if d.Stacks[name] != nil {
			t.Errorf("the stack %s is there", name)
		}
		if _, there := synthesized(t).Stacks[name]; !there {
			t.Errorf("the stack %s cannot be had", name)
		}
	}
}

// Taxis put trips on the stream, never watermarks, each under its own name; what
// fails is kept.
func TestTelemetry(t *testing.T) {
	tmpl := synthesized(t).Template(t, "Telemetry")
	tmpl.HasResourceProperties(str("AWS::IoT::TopicRule"), map[string]any{
		"RuleName": "taxistream_telemetry",
		"TopicRulePayload": map[string]any{
			"Sql":         "SELECT * FROM 'taxis/+/telemetry' WHERE isUndefined(type) OR isNull(type) OR type = 'trip'",
			"Actions":     []any{map[string]any{"Kinesis": map[string]any{"PartitionKey": "${trip_id}", "StreamName": assertions.Match_AnyValue()}}},
			"ErrorAction": map[string]any{"CloudwatchLogs": map[string]any{"LogGroupName": assertions.Match_AnyValue()}},
		},
	})
	tmpl.HasResourceProperties(str("AWS::IoT::Policy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": []any{
			map[string]any{"Effect": "Allow", "Action": "iot:Connect", "Resource": assertions.Match_AnyValue(), "Condition": assertions.Match_AnyValue()},
			map[string]any{"Effect": "Allow", "Action": "iot:Publish", "Resource": assertions.Match_AnyValue(), "Condition": assertions.Match_AnyValue()},
		}},
	})
	for _, policy := range synthesized(t).Stacks["Telemetry"].resources("AWS::IoT::Policy") {
		text := joined(policy.Properties["PolicyDocument"])
		for _, want := range []string{":client/${iot:Connection.Thing.ThingName}", ":topic/taxis/${iot:Connection.Thing.ThingName}/telemetry"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %s in %s", want, text)
			}
		}
	}
}

// joined is every text in v, one after the other.
func joined(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		text := ""
		for _, part := range v {
			text += joined(part)
		}
		return text
	case map[string]any:
		text := ""
		for _, part := range v {
			text += joined(part)
		}
		return text
	}
	return ""
}

// The alarms reckon as the function does, and only they may call it.
func TestScaling(t *testing.T) {
	tmpl := synthesized(t).Template(t, "Scaling")
	for name, want := range map[string]map[string]any{
		"TaxiStream-shards-up": {
			"Threshold": 75, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "EvaluationPeriods": 3, "TreatMissingData": "notBreaching",
		},
		"TaxiStream-shards-down": {
			"Threshold": 25, "ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 6, "TreatMissingData": "breaching",
		},
	} {
		want["AlarmName"] = name
		want["AlarmActions"] = []any{assertions.Match_AnyValue()}
		want["Metrics"] = assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&map[string]any{"Expression": shards.Expression(8)})})
		tmpl.HasResourceProperties(str("AWS::CloudWatch::Alarm"), want)
		tmpl.HasResourceProperties(str("AWS::Lambda::Function"), map[string]any{
			"Runtime": "provided.al2023",
			"Environment": map[string]any{"Variables": map[string]any{
				"STREAM": assertions.Match_AnyValue(), "UP_ALARM": "TaxiStream-shards-up", "DOWN_ALARM": "TaxiStream-shards-down",
				"LEAST": "1", "GREATEST": "64", "COOLDOWN": "10m",
			}},
		})
	}
	tmpl.ResourceCountIs(str("AWS::Lambda::Permission"), num(2))
	tmpl.AllResourcesProperties(str("AWS::Lambda::Permission"), map[string]any{
		"Principal": "lambda.alarms.cloudwatch.amazonaws.com", "SourceArn": assertions.Match_AnyValue(), "SourceAccount": assertions.Match_AnyValue(),
	})
}

// What the function reads from its environment is what the stack gives it.
func TestScalingEnvironment(t *testing.T) {
	for _, f := range synthesized(t).Stacks["Scaling"].resources("AWS::Lambda::Function") {
		variables := f.Properties["Environment"].(map[string]any)["Variables"].(map[string]any)
		settings, err := shards.FromEnvironment(func(name string) string {
			if text, ok := variables[name].(string); ok || variables[name] == nil {
				return text
			}
			return "from another stack"
		})
		if err != nil {
			t.Error(err)
		}
		if settings.Least != 1 || settings.Greatest != 64 {
			t.Errorf("%+v", settings)
		}
	}
}

// The trail's files are encrypted and signed, and hold who reads and writes the
// stream and the archive's events.
func TestTrail(t *testing.T) {
	tmpl := synthesized(t).Template(t, "Trail")
	selector := func(name, field string, values any) any {
		return map[string]any{"Name": name, "FieldSelectors": assertions.Match_ArrayWith(&[]any{
			map[string]any{"Field": "eventCategory", "Equals": []any{"Data"}},
			assertions.Match_ObjectLike(&map[string]any{"Field": field, "Equals": values}),
		})}
	}
	tmpl.HasResourceProperties(str("AWS::CloudTrail::Trail"), map[string]any{
		"IsLogging": true, "EnableLogFileValidation": true, "KMSKeyId": assertions.Match_AnyValue(),
		"AdvancedEventSelectors": []any{
			selector("Stream", "resources.type", []any{"AWS::Kinesis::Stream"}),
			selector("Buckets", "resources.type", []any{"AWS::S3::Object"}),
		},
	})
	tmpl.HasResourceProperties(str("AWS::KMS::Key"), map[string]any{"EnableKeyRotation": true})
}

func TestFanOut(t *testing.T) {
	tmpl := synthesized(t).Template(t, "FanOut")
	tmpl.HasResourceProperties(str("AWS::Kinesis::StreamConsumer"), map[string]any{"ConsumerName": "processor"})
	tmpl.HasOutput(str("ConsumerArn"), map[string]any{"Value": assertions.Match_AnyValue()})
	command := strings.Join(texts(containers(synthesized(t))["processor"]["Command"]), " ")
	if !strings.Contains(command, "-consumer fan-out -consumer-name processor") || strings.Contains(strings.Join(texts(containers(otherwise(t))["processor"]["Command"]), " "), "-consumer") {
		t.Errorf("the processor is %s", command)
	}
}
