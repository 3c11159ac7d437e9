//go:build infra

package app

import (
	"encoding/json"
	"os"
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

// built is a folder as `make image` leaves it, with other files beside.
func built(t *testing.T, cpu string, programs ...string) string {
	t.Helper()
	root := t.TempDir()
	files := map[string][]byte{"Dockerfile": []byte("FROM scratch\n"), "go.mod": nil, "bin/processor": nil, "bin/image/tmp/.keep": nil, ".git/HEAD": nil}
	for _, name := range programs {
		files["bin/image/usr/local/bin/"+name] = program(cpu)
	}
	for name, content := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestCheckBuilt(t *testing.T) {
	for _, test := range []struct {
		name, cpu, built string
		programs         []string
		want             string
	}{
		{"both", "amd64", "amd64", []string{"producer", "processor"}, ""},
		{"arm64", "arm64", "arm64", []string{"producer", "processor"}, ""},
		{"nothing built", "amd64", "amd64", nil, "bin/image has no producer: run make image"},
		{"one", "amd64", "amd64", []string{"producer"}, "bin/image has no processor: run make image"},
		{"another machine's", "arm64", "amd64", []string{"producer", "processor"}, "producer is for EM_X86_64, the tasks are arm64"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := checkBuilt(filepath.Join(built(t, test.built, test.programs...), "bin/image/usr/local/bin"), test.cpu)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// The asset holds the Dockerfile and bin/image, nothing else, and is built for the tasks' platform.
func TestBuiltImage(t *testing.T) {
	root := built(t, "arm64", "producer", "processor")
	folder := t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(folder), Context: cdkContext(t), AnalyticsReporting: jsii.Bool(false)})
	cfg := config.Default()
	cfg.CPU = "arm64"
	stack := newStack(app, cfg, "Image", "")
	(&task{program: "producer", role: taskRole(stack, "producer"), logs: logGroup(stack, "Logs", cfg), size: config.Sizes[0]}).
		definitionFrom(stack, cfg, builtImage(stack, cfg, root))
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
		var files []string
		copied := filepath.Join(folder, image.Source.Directory)
		err := filepath.WalkDir(copied, func(path string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				files = append(files, strings.TrimPrefix(path, copied+"/"))
			}
			return err
		})
		slices.Sort(files)
		want := []string{"Dockerfile", "bin/image/tmp/.keep", "bin/image/usr/local/bin/processor", "bin/image/usr/local/bin/producer"}
		if err != nil || !slices.Equal(files, want) {
			t.Errorf("the asset holds %q, want %q (%v)", files, want, err)
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
