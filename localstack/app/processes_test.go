package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKill runs the programs as separate processes and kills the processor with
// SIGKILL in the middle, twice: the export is the oracle's all the same, and
// each reject is there once.
func TestKill(t *testing.T) {
	sources := matrixSources(t)
	source := sources[len(sources)-1]
	trips := oracleRead(t, source)
	want, rejected := oracle(t, trips)
	kinesisURL, searchURL := serving(t, "-shards", "3")
	checkpoints := t.TempDir()
	processor := func() *process {
		return start(t, "processor", "-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0",
			"-checkpoint-dir", checkpoints, "-checkpoint-interval", "150ms", "-log-format", "json")
	}
	first := processor()
	producer := start(t, "producer", "-endpoint", kinesisURL, "-source", source, "-speedup", "20000", "-aggregate=false") // a day in about four seconds
	for i, p := range []*process{first, nil} {
		if p == nil {
			p = processor()
		}
		url := p.Address()
		reaches(t, url, trips, []float64{0.25, 0.2}[i])
		if i == 0 {
			waitFor(t, "a checkpoint", func() bool { c, _ := metric(url, "taxistream_checkpoints_completed_total"); return c >= 1 })
		}
		if err := p.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.WaitExit(10 * time.Second)
		t.Logf("killed the processor, time %d", i+1)
	}
	last := processor()
	url := last.Address()
	if code := producer.WaitExit(2 * time.Minute); code != 0 {
		t.Fatalf("producer: status %d: %s", code, producer.Errors())
	}
	waitFor(t, "the watermark is at the end", func() bool { return watermarkReached(url, trips) })
	if !strings.Contains(last.Errors(), "going on from a checkpoint") {
		t.Error("the restarted processor did not start from a checkpoint")
	}
	stopAndCompare(t, last, searchURL, want)
	for reason, n := range rejected {
		if got := countRejects(t, searchURL, reason); got != n {
			t.Errorf("%d rejects of reason %s, want %d", got, reason, n)
		}
	}
}

// stopAndCompare stops a processor in order and holds an export against what is wanted.
func stopAndCompare(t *testing.T, processor *process, searchURL string, want []byte) {
	t.Helper()
	if err := processor.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := processor.WaitExit(30 * time.Second); code != 0 {
		t.Fatalf("processor: status %d: %s", code, processor.Errors())
	}
	file := filepath.Join(t.TempDir(), "export.ndjson")
	if code := start(t, "localstack", "export", "-opensearch-endpoint", searchURL, "-export", file).WaitExit(time.Minute); code != 0 {
		t.Fatalf("export: status %d", code)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := diffLines(got, want); diff != "" {
		t.Fatal(diff)
	}
}
