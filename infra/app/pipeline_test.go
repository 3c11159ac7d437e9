//go:build infra

package app

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

// A push is tested, approved and deployed, in this order.
func TestPipeline(t *testing.T) {
	action := func(provider string) any {
		return map[string]any{"Actions": []any{map[string]any{"ActionTypeId": map[string]any{"Provider": provider}}}}
	}
	tmpl := synthesized(t).Template(t, "Pipeline")
	tmpl.HasResourceProperties(str("AWS::CodePipeline::Pipeline"), map[string]any{
		"PipelineType":  "V2",
		"ArtifactStore": map[string]any{"EncryptionKey": map[string]any{"Type": "KMS"}},
		"Stages":        []any{action("CodeStarSourceConnection"), action("CodeBuild"), action("Manual"), action("CodeBuild")},
	})
	tmpl.AllResourcesProperties(str("AWS::CodeBuild::Project"), map[string]any{
		"EncryptionKey": assertions.Match_AnyValue(), "LogsConfig": map[string]any{"CloudWatchLogs": map[string]any{"Status": "ENABLED"}},
	})
}

// The builds run what a user runs, and the deployment has the options of this one.
func TestPipelineCommands(t *testing.T) {
	cfg := everything()
	cfg.Name, cfg.Image, cfg.Pipeline.Branch = "Other", "somewhere/image:1", "it's"
	for spec, want := range map[string][]string{
		testSpec(): {"make test"},
		deploySpec(cfg): {
			"make lambda infra/node_modules", "npx cdk deploy --all", "-c cpu=amd64", "-c 'name=Other'", "-c 'trail.on=true'",
			"-c 'pipeline.on=true'", `-c 'pipeline.branch=it'\''s'`,
		},
	} {
		var read struct {
			Phases struct{ Build struct{ Commands []string } }
		}
		if err := json.Unmarshal([]byte(spec), &read); err != nil {
			t.Fatal(err)
		}
		commands := strings.Join(read.Phases.Build.Commands, "\n")
		for _, text := range want {
			if !strings.Contains(commands, text) {
				t.Errorf("no %s in\n%s", text, commands)
			}
		}
		if strings.Contains(commands, "image=") {
			t.Errorf("the image of the first deployment is deployed again:\n%s", commands)
		}
	}
}

// Only the deploying build may take roles, those of the bootstrap.
func TestPipelineRoles(t *testing.T) {
	var taken []string
	for _, policy := range synthesized(t).Stacks["Pipeline"].resources("AWS::IAM::Policy") {
		visit(policy.Properties, func(m map[string]any) {
			if !slices.Contains(texts(m["Action"]), "sts:AssumeRole") {
				return
			}
			if !strings.HasPrefix(policy.ID, "DeployRole") {
				t.Errorf("%s may take roles", policy.ID)
			}
			text, _ := json.Marshal(m["Resource"])
			taken = append(taken, string(text))
		})
	}
	all := strings.Join(taken, " ")
	if n := strings.Count(all, "cdk-hnb659fds-"); n != 4 || strings.Count(all, ":role/cdk-hnb659fds-") != 4 {
		t.Errorf("%d roles of the bootstrap: %s", n, all)
	}
}
