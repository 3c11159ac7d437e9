package app_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestKill_Producer kills the producer with SIGKILL in the middle, again and again;
// with -resume the export is the oracle's, nothing is late, and what was sent
// twice is a duplicate.
func TestKill_Producer(t *testing.T) {
	sources := matrixSources(t)
	source := sources[len(sources)-1]
	trips := oracleRead(t, source)
	want, rejected := oracle(t, trips)
	kinesisURL, searchURL := serving(t, "-shards", "3")
	processor := start(t, "processor", "-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0",
		"-checkpoint-dir", t.TempDir(), "-log-format", "json")
	url := processor.Address()
	progress := filepath.Join(t.TempDir(), "progress")
	producer := func() *process {
		return start(t, "producer", "-endpoint", kinesisURL, "-source", source, "-speedup", "20000", "-resume", progress) // a day in about four seconds
	}
	for i := range 4 {
		p := producer()
		target := float64(len(trips)) * float64(i+1) / 5
		waitFor(t, "the replay has gone on", func() bool {
			n, _ := metric(url, "taxistream_shard_records_total")
			return n >= target
		})
		if err := p.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.WaitExit(10 * time.Second)
	}
	if last := producer(); last.WaitExit(2*time.Minute) != 0 {
		t.Fatalf("producer: %s", last.Errors())
	}
	waitFor(t, "the watermark is at the end", func() bool { return watermarkReached(url, trips) })
	stopAndCompare(t, processor, searchURL, want)
	if got := countRejects(t, searchURL, "late"); got != 0 {
		t.Errorf("%d trips are late", got)
	}
	for reason, n := range rejected { // each copy of a trip is judged
		if got := countRejects(t, searchURL, reason); got < n {
			t.Errorf("%d rejects of reason %s, without kills %d", got, reason, n)
		}
	}
}
