//go:build infra

package app

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

// The producer's task replays the configured source, and has a place for what it sorts.
func TestProducerTask(t *testing.T) {
	d := synthesized(t)
	d.Template(t, "Producer").HasResourceProperties(str("AWS::ECS::TaskDefinition"), map[string]any{
		"Family": "TaxiStream-producer", "Volumes": []any{map[string]any{"Name": "tmp"}},
		"ContainerDefinitions": []any{assertions.Match_ObjectLike(&map[string]any{
			"Name": "producer", "User": "65532:65532", "ReadonlyRootFilesystem": true, "StopTimeout": 120,
			"LinuxParameters": map[string]any{"Capabilities": map[string]any{"Drop": []any{"ALL"}}},
			"MountPoints":     []any{map[string]any{"ContainerPath": "/tmp", "ReadOnly": false, "SourceVolume": "tmp"}},
		})},
	})
	got := commandOf(t, d.Stacks["Producer"])
	if want := `"-source","generate:2016-01-05","-speedup","1440","-log-format","json","-emf","TaxiStream"]`; !strings.HasSuffix(got, want) {
		t.Errorf("command %s", got)
	}
	if services := d.Stacks["Producer"].resources("AWS::ECS::Service"); len(services) > 0 {
		t.Error("the producer is started on demand, not kept running")
	}
}

// The role may put records; a source in S3 adds that prefix.
func TestProducerRole(t *testing.T) {
	tmpl := synthesized(t).Stacks["Producer"]
	want := []string{"kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecords", "kms:GenerateDataKey"}
	if got := producerActions(tmpl); !slices.Equal(got, want) {
		t.Errorf("allowed %q, want %q", got, want)
	}
	trustsTasks(t, tmpl)

	tmpl = otherwise(t).Stacks["Producer"]
	if got := producerActions(tmpl); !slices.Equal(got, append(want, "s3:GetObject", "s3:ListBucket")) {
		t.Errorf("with a bucket: allowed %q", got)
	}
	text, _ := json.Marshal(tmpl)
	for _, part := range []string{`:s3:::trips/yellow/2016-*"`, `"s3:prefix":"yellow/2016-*"`, `"-speedup","0"`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("no %s in the template", part)
		}
	}
}

func producerActions(tmpl template) []string {
	return slices.DeleteFunc(actionsOf(tmpl, "RoleDefaultPolicy"), func(a string) bool {
		return strings.HasPrefix(a, "ecr:") || strings.HasPrefix(a, "logs:")
	})
}
