//go:build infra

package app

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden templates")

// cdk-nag's AwsSolutions rules hold in every stack; each exception has its reason.
func TestNag(t *testing.T) {
	for _, d := range everyDeployment(t) {
		checkNag(t, d)
	}
}

func checkNag(t *testing.T, d *deployment) {
	t.Helper()
	for name := range d.Stacks {
		text, err := os.ReadFile(filepath.Join(d.Folder, "AwsSolutions-"+d.Config.Name+"-"+name+"-NagReport.csv"))
		if err != nil {
			t.Fatalf("no report of cdk-nag: %v", err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, `,"Non-Compliant",`) || strings.Contains(line, `,"UNKNOWN",`) {
				t.Errorf("%s: %s", name, strings.TrimSpace(line))
			}
		}
	}
}

// everyDeployment is one of each kind: with every extra, as different as can be, guarded,
// for known addresses, and both of the edition flink.
func everyDeployment(t *testing.T) []*deployment {
	return []*deployment{synthesized(t), otherwise(t), guarded(t), known(t), onFlink(t), flinkInside(t)}
}

// everyStatement is of all policies, by stack: those of the deployment with every extra, of
// another one, and of a guarded one.
func everyStatement(t *testing.T) map[string][]statement {
	t.Helper()
	all := map[string][]statement{}
	for _, d := range everyDeployment(t) {
		for name, tmpl := range d.Stacks {
			all[name] = append(all[name], tmpl.statements()...)
		}
	}
	return all
}

// No policy allows every action of a service.
func TestNoStarActions(t *testing.T) {
	for name, statements := range everyStatement(t) {
		for _, s := range statements {
			for _, action := range s.actions {
				if strings.HasSuffix(action, "*") && s.effect == "Allow" && !s.keyPolicy {
					t.Errorf("%s: %s allows %s: name the actions", name, s.of, action)
				}
			}
		}
	}
}

// A policy on every resource stands in the list, with what the service cannot tell apart.
func TestStarResources(t *testing.T) {
	used := map[string]bool{}
	for name, statements := range everyStatement(t) {
		for _, s := range statements {
			if s.effect != "Allow" || s.keyPolicy || !slices.Contains(s.resources, "*") {
				continue
			}
			for _, action := range s.actions {
				used[action] = true
				if anyResource[action] == "" {
					t.Errorf("%s: %s allows %s on every resource: name the resource, or give the reason in anyResource", name, s.of, action)
				}
			}
		}
	}
	for action := range anyResource {
		if !used[action] {
			t.Errorf("anyResource has a reason for %s, which no policy needs", action)
		}
	}
}

// reviewed are the golden templates by the names of their files: the stacks of the
// deployment with every extra, and those that the edition flink makes otherwise.
func reviewed(t *testing.T) map[string]template {
	all := map[string]template{}
	for name, tmpl := range synthesized(t).Stacks {
		all[name] = tmpl
	}
	for _, name := range flinkStacks {
		all["Flink-"+name] = onFlink(t).Stacks[name]
	}
	return all
}

// The templates are those that were reviewed: -update writes them, the diff is read.
func TestGolden(t *testing.T) {
	wanted := map[string]bool{}
	for name, tmpl := range reviewed(t) {
		got, err := json.MarshalIndent(portable(tmpl), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		got = append(asset.ReplaceAll(got, []byte("ASSET")), '\n')
		file := filepath.Join("testdata", name+".template.json")
		wanted[file] = true
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%v: make generate-infra writes it", err)
			continue
		}
		if string(got) != string(want) {
			t.Errorf("stack %s is not the reviewed one:%s\nread the difference after make generate-infra", name, firstDifference(string(want), string(got)))
		}
	}
	files, _ := filepath.Glob("testdata/*.template.json")
	for _, file := range files {
		if !wanted[file] {
			t.Errorf("%s is the template of no stack", file)
		}
	}
}

// cfn-lint finds no error.
func TestLint(t *testing.T) {
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Fatal("cfn-lint is not there: make test-infra installs it")
	}
	var files []string
	for _, d := range everyDeployment(t) {
		of, _ := filepath.Glob(filepath.Join(d.Folder, "*.template.json"))
		files = append(files, of...)
	}
	out, err := exec.Command(lint, append([]string{"--non-zero-exit-code", "error", "--format", "parseable", "--"}, files...)...).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if lintError.MatchString(line) {
			t.Error(strings.TrimSpace(line))
		}
	}
	if err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

var lintError = regexp.MustCompile(`:E\d{4}:`)

// asset is what changes with the content of an asset: its hash and the CDK's own version line.
var asset = regexp.MustCompile(`[0-9a-f]{64}|v2:gz:[^"]*`)

// portable is a template without what depends on the machine.
func portable(tmpl template) template {
	text, _ := json.Marshal(tmpl)
	var again template
	_ = json.Unmarshal(text, &again)
	for _, r := range again.resources("") {
		delete(r.Whole, "Metadata")
	}
	return again
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf(" line %d:\n- %s\n+ %s", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf(" %d lines, were %d", len(g), len(w))
}
