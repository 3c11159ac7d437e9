//go:build infra

package queries

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taxistream/localstack/localtest"
)

// Ensure the answers that docs/sql.md shows are the oracle's; -update writes them.
func TestDocs(t *testing.T) {
	const file = "../../docs/sql.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	documents, _ := oracle(t, decode(t, localtest.GeneratedDay(t, 30_000)))
	type row struct {
		value float64
		line  string
	}
	answers := map[string][]row{"hotspots": nil, "airport-trips": nil}
	for id, d := range documents["pickup_count"] {
		n := d["pickup_count"].(float64)
		answers["hotspots"] = append(answers["hotspots"], row{n, fmt.Sprintf("%s  %v  %s  %v", id, d["window_start"], d["cell"], n)})
	}
	for id, d := range documents["trip_duration"] {
		if mean := d["avg_trip_duration"].(float64); d["trip_count"].(float64) >= 5 {
			answers["airport-trips"] = append(answers["airport-trips"], row{mean, fmt.Sprintf("%s  %v  %s  %v", id, d["window_start"], d["airport_code"], mean)})
		}
	}
	want := string(text)
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		rows := answers[name]
		slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.line, b.line)) })
		lines := ""
		for _, r := range rows[:3] {
			lines += r.line + "\n"
		}
		block := regexp.MustCompile("(<!-- answer: " + name + " -->\n```\n)[^`]*")
		if !block.MatchString(want) {
			t.Fatalf("%s shows no answer of %s", file, name)
		}
		want = block.ReplaceAllString(want, "${1}"+strings.ReplaceAll(lines, "$", "$$"))
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // for everyone to read
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Errorf("%s shows other answers than these:\n%s", file, want)
	}
}
