package app_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"taxistream/localstack/s3"
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
		// A producer far ahead of a slow processor may be at its end; the first one is not, at a fifth.
		if err := p.Process.Signal(syscall.SIGKILL); err != nil && i == 0 {
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

// TestTakeOver_Awake stops a processor in the middle as a machine that hangs does
// (SIGSTOP), lets another one take over to the end, and wakes the first: it ends with
// status 1, names the other, and no document has changed.
func TestTakeOver_Awake(t *testing.T) {
	source := generatedDay(t, 20000)
	trips := oracleRead(t, source)
	want, _ := oracle(t, trips)
	kinesisURL, searchURL := serving(t, "-shards", "3")
	objects := &s3.Server{}
	objects.CreateBucket("bucket")
	objectsURL, err := objects.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer objects.Close()
	t.Setenv("AWS_ENDPOINT_URL_S3", objectsURL)
	processor := func(more ...string) *process {
		return start(t, "processor", append([]string{
			"-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0",
			"-checkpoint-dir", "s3://bucket/checkpoints", "-checkpoint-interval", "100ms", "-log-format", "json",
		}, more...)...)
	}
	old := processor()
	url := old.Address()
	producer := start(t, "producer", "-endpoint", kinesisURL, "-source", source, "-speedup", "30000")
	waitFor(t, "the processor is in the middle", func() bool {
		n, _ := metric(url, "taxistream_checkpoints_completed_total")
		return n >= 2
	})
	signal := func(p *process, s syscall.Signal) {
		if err := p.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	signal(old, syscall.SIGSTOP)
	heir := processor("-takeover")
	heirURL := heir.Address()
	if code := producer.WaitExit(2 * time.Minute); code != 0 {
		t.Fatalf("producer: %s", producer.Errors())
	}
	waitFor(t, "the watermark is at the end", func() bool { return watermarkReached(heirURL, trips) })
	signal(old, syscall.SIGCONT)
	if code := old.WaitExit(30 * time.Second); code != 1 || !strings.Contains(old.Errors(), "which was told to (-takeover)") {
		t.Fatalf("the first one ended with status %d: %s", code, old.Errors())
	}
	stopAndCompare(t, heir, searchURL, want)
}
