//go:build infra

package app

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The commands of the guide read outputs that the stacks have, as those of the runbooks do.
func TestDeployGuideReadsOutputs(t *testing.T) {
	d := synthesized(t)
	text, err := os.ReadFile("../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	reads := regexp.MustCompile("[`(]out ([A-Z]\\w+) (\\w+)[`)]")
	all := reads.FindAllStringSubmatch(string(text), -1)
	for _, m := range all {
		outputs, _ := d.Stacks[m[1]]["Outputs"].(map[string]any)
		ofRoom, _ := known(t).Stacks[m[1]]["Outputs"].(map[string]any)
		ofFlink, _ := onFlink(t).Stacks[m[1]]["Outputs"].(map[string]any)
		if outputs[m[2]] == nil && ofRoom[m[2]] == nil && ofFlink[m[2]] == nil {
			t.Errorf("the guide reads the output %s of the stack %s, which has none of that name", m[2], m[1])
		}
	}
	if len(all) < 6 {
		t.Errorf("the guide reads %d outputs: is the pattern still right?", len(all))
	}
}

// The guide names every stack that can be deployed.
func TestDeployGuideNamesStacks(t *testing.T) {
	text, err := os.ReadFile("../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## The stacks")
	table, _, _ = strings.Cut(table, "\n## ")
	for name := range synthesized(t).Stacks {
		if !regexp.MustCompile("-" + name + `\b`).MatchString(table) {
			t.Errorf("the guide's table of stacks has no %s", name)
		}
	}
}

var namesTest = regexp.MustCompile("`(Test[A-Za-z0-9_]+)(?:/[A-Za-z0-9_]+)?`")

// testNames are those of all tests in the repository.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	all := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && e.Name() == "node_modules" {
			return cmp.Or(err, fs.SkipDir)
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			all[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The guide's table of what is shown has every point of the deployment's second round, each
// with tests that there are or "first real run". tools/ran.sh looks whether they ran.
func TestDeployGuideNamesTests(t *testing.T) {
	text, err := os.ReadFile("../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "<!-- shown -->")
	table, _, _ = strings.Cut(table, "<!-- /shown -->")
	there := testNames(t)
	for point := 2; point <= 14; point++ {
		m := regexp.MustCompile(fmt.Sprintf(`(?m)^\| %d \|.*$`, point)).FindString(table)
		named := namesTest.FindAllStringSubmatch(m, -1)
		if len(named) == 0 && !strings.Contains(m, "first real run") {
			t.Errorf("point %d: %q names no test, and not the first real run", point, m)
		}
		for _, n := range named {
			if !there[n[1]] {
				t.Errorf("point %d: there is no %s", point, n[1])
			}
		}
	}
}

// Each control of the threat model names its test, or says why there is none.
func TestThreatsNameTests(t *testing.T) {
	text, err := os.ReadFile("../../docs/threats.md")
	if err != nil {
		t.Fatal(err)
	}
	controls, _, _ := strings.Cut(string(text), "## Accepted")
	there, n := testNames(t), 0
	for line := range strings.Lines(controls) {
		if !regexp.MustCompile(`^\| [STRIDE] \|`).MatchString(line) {
			continue
		}
		n++
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		shown := cells[len(cells)-1]
		named := namesTest.FindAllStringSubmatch(shown, -1)
		if len(cells) != 5 || len(named) == 0 && !strings.Contains(shown, "AWS") {
			t.Errorf("%q: its last column names no test, and not AWS", strings.TrimSpace(line))
		}
		for _, m := range named {
			if !there[m[1]] {
				t.Errorf("%s: there is no such test", m[1])
			}
		}
	}
	if n < 40 {
		t.Errorf("%d controls: is the pattern still right?", n)
	}
}
