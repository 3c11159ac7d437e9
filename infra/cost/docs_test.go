package cost_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taxistream/infra/config"
	"taxistream/infra/cost"
)

// docs/deploy.md says what the programs say: the options and the cost of the
// default deployment. -update writes the sections between the markers.
func TestDeployGuide(t *testing.T) {
	file := filepath.Join(here, "..", "..", "docs", "deploy.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := text
	for _, section := range []struct{ name, text string }{
		{"options", optionsTable()},
		{"presets", presetsTable(t)},
		{"cost", costTable(t)},
		{"levers", leversTable(t)},
	} {
		want = replace(t, want, section.name, section.text)
	}
	if bytes.Equal(text, want) {
		return
	}
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Error("docs/deploy.md is behind the options or the prices: `go test ./infra/cost -update` writes it")
}

// replace puts text between the markers of a section.
func replace(t *testing.T, doc []byte, name, text string) []byte {
	t.Helper()
	first, last := []byte("<!-- "+name+" -->\n"), []byte("<!-- /"+name+" -->")
	before, rest, ok := bytes.Cut(doc, first)
	_, after, closed := bytes.Cut(rest, last)
	if !ok || !closed {
		t.Fatalf("docs/deploy.md has no section between %q and %q", first, last)
	}
	return bytes.Join([][]byte{before, first, []byte(text), last, after}, nil)
}

func optionsTable() string {
	var b strings.Builder
	b.WriteString("| option | default | meaning | change later |\n|---|---|---|---|\n")
	for _, o := range config.Options() {
		value := o.Default
		switch {
		case o.Key == "cpu":
			value = "this machine's" // runtime.GOARCH
		case value == "":
			value = "–"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", o.Key, value, strings.ReplaceAll(o.Doc, "|", `\|`), o.Change)
	}
	return b.String()
}

// presetsTable is what each preset costs and sets.
func presetsTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| preset | USD an hour | with a replay | USD a month | sets |\n|---|--:|--:|--:|---|\n")
	for _, name := range []string{"trial", "standard", "production"} {
		e := estimate(t, map[string]any{"preset": name})
		sets := "nothing: the defaults"
		if all := config.Preset(name); len(all) > 0 {
			sets = "`" + strings.Join(all, "` `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %.2f | %.2f | %.2f | %s |\n", name, e.Deployed(), e.Deployed()+e.Replaying(), e.Monthly(), sets)
	}
	return b.String()
}

// costTable is the default deployment by stack, USD: an hour without replay, what an hour of replay adds, a month.
func costTable(t *testing.T) string {
	e := estimate(t, nil)
	var stacks []string
	sums := map[string]*[3]float64{}
	for i := range e.Lines {
		l := &e.Lines[i]
		if sums[l.Stack] == nil {
			stacks = append(stacks, l.Stack)
			sums[l.Stack] = &[3]float64{}
		}
		if l.Replay {
			sums[l.Stack][1] += l.USD() / e.ReplayHours
		} else {
			sums[l.Stack][0] += l.USD() / 730
		}
		sums[l.Stack][2] += l.USD()
	}
	var b strings.Builder
	b.WriteString("| stack | USD an hour | an hour of replay adds | USD a month |\n|---|--:|--:|--:|\n")
	for _, s := range stacks {
		fmt.Fprintf(&b, "| %s | %.3f | %.3f | %.2f |\n", s, sums[s][0], sums[s][1], sums[s][2])
	}
	fmt.Fprintf(&b, "| **all** | **%.2f** | **%.2f** | **%.2f** |\n", e.Deployed(), e.Replaying(), e.Monthly())
	fmt.Fprintf(&b, "\nPrices of %s of %s, arm64, one hour of replay a day.\n", cost.USEast1.Region, cost.USEast1.Date)
	return b.String()
}

func leversTable(t *testing.T) string {
	all, err := cost.Levers(map[string]any{"cpu": "arm64"}, &cost.USEast1)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| what if | USD a month | difference | set | of what is there it |\n|---|--:|--:|---|---|\n")
	for i := range all {
		fmt.Fprintf(&b, "| %s | %.2f | %+.2f | `%s` | %s |\n", all[i].What, all[i].Total, all[i].Delta, all[i].Flags(), all[i].Replaces())
	}
	return b.String()
}
