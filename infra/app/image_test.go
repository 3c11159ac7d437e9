//go:build infra

package app

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// machines are the values of an ELF header's machine.
var machines = map[string]byte{"amd64": 62, "arm64": 183}

// program is the header of an ELF program.
func program(cpu string) []byte {
	header := make([]byte, 64)
	copy(header, "\x7fELF\x02\x01\x01")
	header[16], header[18], header[20], header[52] = 2, machines[cpu], 1, 64
	return header
}

// Functions that are built for another architecture are found before anything is deployed.
func TestCheckBuilt(t *testing.T) {
	for _, test := range []struct{ name, cpu, built, want string }{
		{"same", "amd64", "amd64", ""},
		{"arm64", "arm64", "arm64", ""},
		{"another machine's", "arm64", "amd64", "bin/lambda/objects/bootstrap is for EM_X86_64, the functions are to be arm64: GOARCH=arm64 make lambda"},
		{"no program", "amd64", "", "bin/lambda/objects/bootstrap is no Linux program"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "objects", "bootstrap")
			content := []byte("#!/bin/sh\n")
			if test.built != "" {
				content = program(test.built)
			}
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, content, 0o755)); err != nil {
				t.Fatal(err)
			}
			err := checkBuilt(file, test.cpu)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// The asset is built for the tasks' platform by the Dockerfile, and holds what that
// copies: every Go file and every embedded one of the three programs, no test, and
// nothing that was built here. So it needs no build before the synthesis, and changes
// with the programs alone.
func TestBuiltImage(t *testing.T) {
	folder := t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(folder), Context: cdkContext(t), AnalyticsReporting: jsii.Bool(false)})
	cfg := config.Default()
	cfg.CPU = "arm64"
	stack := newStack(app, cfg, "Image", "")
	(&task{program: "producer", role: taskRole(stack, "producer"), logs: logGroup(stack, "Logs", cfg), size: config.Sizes[0]}).
		definitionFrom(stack, cfg, builtImage(cfg, repository()))
	app.Synth(nil)

	var assets struct {
		DockerImages map[string]struct {
			Source struct{ Directory, Platform string }
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, cfg.Name+"-Image.assets.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &assets); err != nil {
		t.Fatal(err)
	}
	if len(assets.DockerImages) != 1 {
		t.Fatalf("%d images", len(assets.DockerImages))
	}
	for _, image := range assets.DockerImages {
		if image.Source.Platform != "linux/arm64" {
			t.Errorf("built for %s", image.Source.Platform)
		}
		copied := filepath.Join(folder, image.Source.Directory)
		needed := map[string]bool{"Dockerfile": true, "go.mod": true, "go.sum": true}
		list := exec.Command("go", "list", "-deps", "-f", `{{if not .Standard}}{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}\n{{end}}{{range .CgoFiles}}{{$d}}/{{.}}\n{{end}}{{range .EmbedFiles}}{{$d}}/{{.}}\n{{end}}{{end}}`, "./producer", "./processor", "./dashboards", "./infra/gate")
		list.Dir = repository()
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(strings.ReplaceAll(string(out), `\n`, "\n")) {
			if file, ours := strings.CutPrefix(strings.TrimSpace(line), repository()+"/"); ours {
				needed[file] = true
			}
		}
		err = filepath.WalkDir(copied, func(path string, e os.DirEntry, err error) error {
			name := strings.TrimPrefix(path, copied+"/")
			if err == nil && !e.IsDir() {
				delete(needed, name)
				if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "bin/") || strings.HasPrefix(name, "infra/") && !strings.HasPrefix(name, "infra/gate/") || strings.HasPrefix(name, ".git/") {
					t.Errorf("the asset holds %s", name)
				}
			}
			return err
		})
		if err != nil || len(needed) > 0 || len(out) < 1000 {
			t.Errorf("the asset lacks %v (%v)", needed, err)
		}
	}
}

// An image in a private repository can be pulled by the tasks, any other is taken by its name.
func TestImage(t *testing.T) {
	tmpl := synthesized(t).Stacks["Processor"]
	if got := actionsOf(tmpl, "ExecutionRole"); !slices.Contains(got, "ecr:BatchGetImage") || !slices.Contains(got, "ecr:GetAuthorizationToken") {
		t.Errorf("the execution role may %q", got)
	}
	for image, want := range map[string][]string{
		"123456789012.dkr.ecr.eu-west-1.amazonaws.com/taxi/stream:1.2":        {"123456789012", "eu-west-1", "taxi/stream", "1.2"},
		"123456789012.dkr.ecr.eu-west-1.amazonaws.com/taxistream@sha256:0123": {"123456789012", "eu-west-1", "taxistream", "sha256:0123"},
		"public.ecr.aws/x/y:1":    nil,
		"example.test/taxistream": nil,
	} {
		got := ecrImage.FindStringSubmatch(image)
		if want == nil && got != nil || want != nil && (got == nil || !slices.Equal(got[1:], want)) {
			t.Errorf("%s: %q, want %q", image, got, want)
		}
	}
}

// actionsOf are the actions that policies allow whose name holds a part.
func actionsOf(tmpl template, part string) []string {
	var all []string
	for _, s := range tmpl.statements() {
		if strings.Contains(s.of, part) && s.effect == "Allow" {
			all = append(all, s.actions...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
