package cost_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"taxistream/infra/cost"
)

var update = flag.Bool("update", false, "write the golden reports")

// The reports are those that were reviewed: -update writes them, the diff is read.
func TestReport(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
	}{
		{"default", nil},
		{"extras", []string{
			"-c", "cpu=amd64", "-c", "network.mode=endpoints", "-c", "network.flow-logs=true", "-c", "processor.insights=true",
			"-c", "stream.retention-hours=200", "-c", "search.nodes=3", "-c", "search.zones=3", "-c", "search.masters=m7g.large.search",
			"-c", "telemetry.on=true", "-c", "trail.on=true", "-c", "fan-out.on=true", "-c", "scaling.on=true", "-c", "region=eu-west-1",
		}},
		{"flink", []string{"-c", "cpu=arm64", "-c", "processor.edition=flink", "-c", "processor.kpus=4", "-c", "watch.kpus=8"}},
		{"local", []string{"-c=local=true"}},
		{"on-demand", []string{"--context", "stream.shards=0", "-c", "assume.replay-hours=24"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir()) // away from cdk.json
			var out, errs bytes.Buffer
			if status := cost.Main(append([]string{"-c", "cpu=arm64"}, test.args...), &out, &errs); status != 0 {
				t.Fatalf("status %d: %s", status, &errs)
			}
			compare(t, test.name+".txt", out.Bytes())
		})
	}
}

// here is the package's folder; tests change theirs.
var here, _ = os.Getwd()

func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join(here, "testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed: read the difference after `go test ./infra/cost -update`\n%s", name, got)
	}
}
