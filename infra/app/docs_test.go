//go:build infra

package app

import (
	"os"
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
		if outputs[m[2]] == nil {
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
