package names_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"taxistream/internal/names"
)

// Ensure a metric's name in CloudWatch is its name without what only Prometheus needs.
func TestCloudWatch(t *testing.T) {
	for metric, want := range map[string]string{
		names.MetricRecordsRead:                       "shard_records",
		names.MetricPrefix + names.MetricRecordsRead:  "shard_records",
		names.MetricPrefix + names.MetricBehindLatest: "behind_latest_seconds",
		"total_time_seconds":                          "total_time_seconds",
	} {
		if got := names.CloudWatch(metric); got != want {
			t.Errorf("%s: got %s, want %s", metric, got, want)
		}
	}
}

func TestReasonCount(t *testing.T) {
	if n := len(names.Reasons()); n != names.ReasonCount {
		t.Errorf("%d reasons, ReasonCount is %d", n, names.ReasonCount)
	}
}

// Ensure Metrics leaves none out, and that each name keeps to the rule.
func TestMetrics(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "metrics.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && strings.HasPrefix(spec.Names[0].Name, "Metric") {
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared = append(declared, name)
		}
		return true
	})
	listed := names.Metrics()
	slices.Sort(declared)
	slices.Sort(listed)
	if !slices.Equal(declared, listed) {
		t.Errorf("declared are\n%q, listed\n%q", declared, listed)
	}
	form := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	for i, name := range listed {
		if i > 0 && name == listed[i-1] || !form.MatchString(name) || strings.HasPrefix(name, "num_") ||
			strings.HasSuffix(name, "_ms") || strings.Contains(name, "millis") {
			t.Errorf("%s is there twice, no snake case, or in no base unit", name)
		}
	}
}

// Ensure what the docs call a metric of ours is one.
func TestMetricsInDocs(t *testing.T) {
	files := []string{"../../README.md"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/runbooks/*.md"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	metric := regexp.MustCompile(names.MetricPrefix + `[a-z_]*[a-z]`)
	seen := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range metric.FindAllString(string(text), -1) {
			seen++
			if !slices.Contains(names.Metrics(), strings.TrimPrefix(name, names.MetricPrefix)) {
				t.Errorf("%s: there is no metric %s", file, name)
			}
		}
	}
	if seen < 3 {
		t.Errorf("only %d names of metrics were found in %d files", seen, len(files))
	}
}
