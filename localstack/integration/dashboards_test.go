//go:build integration

package integration

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"taxistream/localstack/localtest"
)

// Ensure every picture of the dashboard, drawn in a browser by both library sets
// of OpenSearch Dashboards from the real OpenSearch, shows the pipeline's documents.
func TestDashboards(t *testing.T) {
	for _, program := range []string{"npm", "chromium"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is not installed: apt-get install nodejs npm chromium", program)
		}
	}
	search := StartOpenSearch(t, OpenSearchOptions{})
	kinesis, _ := localtest.Serving(t, "-shards", "2")
	r := newReplay(t, kinesis, search.URL)
	url := r.process()
	r.produce("0")
	got := r.finish(url)
	r.check(got)
	export := filepath.Join(t.TempDir(), "export.ndjson")
	if err := os.WriteFile(export, got, 0o600); err != nil {
		t.Fatal(err)
	}
	rejects, err := json.Marshal(r.rejected)
	if err != nil {
		t.Fatal(err)
	}
	first, last := r.trips[0].Dropoff, r.trips[0].Dropoff
	for _, trip := range r.trips {
		if trip.Dropoff.Before(first) {
			first = trip.Dropoff
		}
		if trip.Dropoff.After(last) {
			last = trip.Dropoff
		}
	}
	day := func(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = filepath.Join("..", "..", "dashboards", "render")
		cmd.Env = append(os.Environ(), "OPENSEARCH_ENDPOINT="+search.URL, "INDEX_PREFIX="+r.prefix, "EXPORT="+export, "REJECTS="+string(rejects),
			"TIME_FROM="+day(first.Truncate(24*time.Hour)), "TIME_TO="+day(last.Add(24*time.Hour)))
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		if err != nil {
			t.Fatalf("%s %v: %v", name, args, err)
		}
	}
	run("npm", "ci", "--legacy-peer-deps", "--no-audit", "--no-fund")
	run("npm", "test")
	Note("%s: 5 pictures drawn by 2 library sets from the documents of %d trips", t.Name(), len(r.trips))
}
