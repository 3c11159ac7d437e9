//go:build infra

package app

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taxistream/infra/config"
	"taxistream/internal/names"
)

// runbooks are the names in docs/runbooks, but for the index.
func runbooks(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../docs/runbooks/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no runbooks: %v", err)
	}
	var all []string
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".md"); name != "README" {
			all = append(all, name)
		}
	}
	return all
}

var namesRunbook = regexp.MustCompile(` Runbook: docs/runbooks/([a-z-]+)\.md$`)

// Every alarm names a runbook that exists, and every runbook is named by an alarm
// and by the index. A budget's message has no text of ours: its runbook is budget.md.
func TestRunbooks(t *testing.T) {
	there, named := runbooks(t), []string{}
	for _, d := range []*deployment{synthesized(t), onFlink(t)} {
		for name, tmpl := range d.Stacks {
			for _, r := range tmpl.resources("AWS::CloudWatch::Alarm") {
				text, _ := r.Properties["AlarmDescription"].(string)
				m := namesRunbook.FindStringSubmatch(text)
				if m == nil {
					t.Errorf("%s: alarm %s does not end with its runbook: %q", name, r.ID, text)
					continue
				}
				named = append(named, m[1])
				if !slices.Contains(there, m[1]) {
					t.Errorf("%s: alarm %s names docs/runbooks/%s.md, which does not exist", name, r.ID, m[1])
				}
			}
			if len(tmpl.resources("AWS::Budgets::Budget")) > 0 {
				named = append(named, "budget")
			}
		}
	}
	index := runbookText(t, "README")
	for _, name := range there {
		if !slices.Contains(named, name) {
			t.Errorf("docs/runbooks/%s.md is named by no alarm", name)
		}
		if !strings.Contains(index, "("+name+".md)") {
			t.Errorf("docs/runbooks/README.md does not list %s.md", name)
		}
	}
}

// Every runbook says what the alarm means, what users see, when it is over and when
// it rings in vain.
func TestRunbookParts(t *testing.T) {
	for _, name := range runbooks(t) {
		text := runbookText(t, name)
		if !strings.HasPrefix(text, "# "+name+"\n") {
			t.Errorf("%s.md does not begin with its name", name)
		}
		for _, part := range []string{"Means", "Users see", "Look", "Over", "False alarms"} {
			if !strings.Contains(text, "\n**"+part+".** ") {
				t.Errorf("%s.md has no part %q", name, part)
			}
		}
	}
}

func runbookText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/runbooks/" + name + ".md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	takesOutput = regexp.MustCompile(`\$\(out (\w+) (\w+)\)`)
	namesOption = regexp.MustCompile("`(?:-c )?((?:watch|stream|processor|producer|search|network|archive|scaling|trail)\\.[a-z-]+)")
	namesStack  = regexp.MustCompile(`TaxiStream-([A-Z][A-Za-z]+)`)
)

// namesMetric matches the metrics' own names and whatever else may be one: a word
// in snake case.
func namesMetric(metrics map[string]bool) *regexp.Regexp {
	own := slices.Sorted(maps.Keys(metrics))
	return regexp.MustCompile("`(" + strings.Join(own, "|") + "|[a-z]+(?:_[a-z]+)+)`")
}

// noMetric are the other words in snake case that runbooks may name.
func noMetric() []string {
	return slices.Concat(names.Reasons(), []string{names.PickupCount, names.TripDuration, names.TaxiRejects, "read_only", "sequence_number", "unavailable_shards_exception"})
}

// Outputs, options, metrics and stacks that the runbooks name exist.
func TestRunbooksAreTrue(t *testing.T) {
	d := synthesized(t)
	options, metrics, seen := map[string]bool{}, map[string]bool{}, 0
	for _, o := range config.Options() {
		options[o.Key] = true
	}
	for key := range written() {
		name, _, _ := strings.Cut(key, " ")
		metrics[name] = true
	}
	mayBeMetric := namesMetric(metrics)
	for _, name := range append(runbooks(t), "README") {
		text := runbookText(t, name)
		for _, m := range takesOutput.FindAllStringSubmatch(text, -1) {
			outputs, _ := d.Stacks[m[1]]["Outputs"].(map[string]any)
			ofFlink, _ := onFlink(t).Stacks[m[1]]["Outputs"].(map[string]any)
			if outputs[m[2]] == nil && ofFlink[m[2]] == nil {
				t.Errorf("%s.md: stack %s has no output %s", name, m[1], m[2])
			}
		}
		for _, m := range namesOption.FindAllStringSubmatch(text, -1) {
			if !options[m[1]] {
				t.Errorf("%s.md: no option %s", name, m[1])
			}
		}
		for _, m := range mayBeMetric.FindAllStringSubmatch(text, -1) {
			if metrics[m[1]] {
				seen++
			} else if !slices.Contains(noMetric(), m[1]) {
				t.Errorf("%s.md: no program writes %s", name, m[1])
			}
		}
		for _, m := range namesStack.FindAllStringSubmatch(text, -1) {
			if d.Stacks[m[1]] == nil {
				t.Errorf("%s.md: no stack %s", name, m[1])
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d names of metrics were found", seen)
	}
}

// quotation is a message in the first column of a runbook's table.
var quotation = regexp.MustCompile("(?m)^\\| [^|]*`([^`|]+ [^`|]+)`[^|]*\\|")

// Messages that the runbooks quote are those of the programs and functions.
func TestRunbooksQuote(t *testing.T) {
	sources := ""
	for _, folder := range []string{"internal", "processor", "producer", "engine", "infra/lambda"} {
		err := filepath.WalkDir("../../"+folder, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				var text []byte
				text, err = os.ReadFile(path)
				sources += string(text)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	for _, name := range runbooks(t) {
		for _, m := range quotation.FindAllStringSubmatch(runbookText(t, name), -1) {
			seen++
			for part := range strings.SplitSeq(m[1], "…") {
				if part = strings.Trim(part, " :,"); !strings.Contains(sources, part) {
					t.Errorf("%s.md quotes %q, but nothing says %q", name, m[1], part)
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d quotations were found", seen)
	}
}
