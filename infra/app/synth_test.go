//go:build infra

package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// A deployment is what New made of a configuration, synthesised.
type deployment struct {
	Config  config.Config
	Parts   Parts
	Stacks  map[string]template // by the stack's name without the deployment's
	Folder  string              // the cloud assembly
	asserts map[string]assertions.Template
}

// A template is a CloudFormation template as JSON has it.
type template map[string]any

// A resource is one of a template.
type resource struct {
	ID         string
	Type       string
	Properties map[string]any
	Whole      map[string]any
}

var shared struct {
	once sync.Once
	d    *deployment
}

// synthesized is the deployment with every extra on, made once for all tests:
// it takes eight seconds.
func synthesized(t *testing.T) *deployment {
	t.Helper()
	shared.once.Do(func() { shared.d = synthesize(t, everything()) })
	if shared.d == nil {
		t.Fatal("the synthesis failed in an earlier test")
	}
	return shared.d
}

// ordinary is the default configuration, but for what depends on the machine and its builds.
func ordinary() config.Config {
	cfg := config.Default()
	cfg.CPU = "amd64" // by default that of the machine, which no golden template may hold
	cfg.Image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/taxistream:1.0.0"
	return cfg
}

// everything is the ordinary configuration with every extra.
func everything() config.Config {
	cfg := ordinary()
	cfg.Watch.Email, cfg.Watch.SlackWorkspace, cfg.Watch.SlackChannel = "taxi@example.org", "T01ABCDEFGH", "C01ABCDEFGH"
	cfg.Telemetry.On, cfg.Trail.On, cfg.Scaling.On, cfg.FanOut.On = true, true, true, true
	cfg.Pipeline.On, cfg.Pipeline.Repository = true, "owner/taxistream"
	cfg.Pipeline.Connection = "arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef"
	return cfg
}

// synthesize makes a deployment of its own, for tests of other configurations.
func synthesize(t *testing.T, cfg config.Config) *deployment {
	t.Helper()
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "cdk.out-")
	if err != nil {
		t.Fatal(err)
	}
	leftovers = append(leftovers, folder)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(folder), Context: cdkContext(t), AnalyticsReporting: jsii.Bool(false)})
	d := &deployment{Config: cfg, Parts: New(app, cfg), Stacks: map[string]template{}, Folder: folder, asserts: map[string]assertions.Template{}}
	app.Synth(nil)
	files, _ := filepath.Glob(filepath.Join(folder, "*.template.json"))
	for _, file := range files {
		name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(file), ".template.json"), cfg.Name+"-")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tmpl template
		if err := json.Unmarshal(text, &tmpl); err != nil {
			t.Fatal(err)
		}
		d.Stacks[name] = tmpl
	}
	return d
}

// Template is a stack for the CDK's own assertions.
func (d *deployment) Template(t *testing.T, name string) assertions.Template {
	t.Helper()
	if d.asserts[name] == nil {
		tmpl, ok := d.Stacks[name]
		if !ok {
			t.Fatalf("no stack %s", name)
		}
		plain := map[string]any(tmpl)
		d.asserts[name] = assertions.Template_FromJSON(&plain, nil)
	}
	return d.asserts[name]
}

// resources are those of one type in a stack, all for the empty type.
func (tmpl template) resources(kind string) []resource {
	var found []resource
	all, _ := tmpl["Resources"].(map[string]any)
	for id, r := range all {
		whole := r.(map[string]any)
		if whole["Type"] == kind || kind == "" {
			properties, _ := whole["Properties"].(map[string]any)
			found = append(found, resource{id, whole["Type"].(string), properties, whole})
		}
	}
	return found
}

// cdkContext is the context of cdk.json: the feature flags that users deploy with.
func cdkContext(t *testing.T) *map[string]any {
	t.Helper()
	text, err := os.ReadFile("../cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Context map[string]any }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return &file.Context
}

var leftovers []string

func TestMain(m *testing.M) {
	status := m.Run()
	jsii.Close()
	for _, folder := range leftovers {
		os.RemoveAll(folder)
	}
	os.Exit(status)
}
