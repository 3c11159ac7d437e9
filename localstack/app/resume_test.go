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
	inBucket(t)
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

// TestKill_Bucket kills a processor with checkpoints in S3 twice: the next one sees that its lease is nobody's and
// goes on from its checkpoint.
func TestKill_Bucket(t *testing.T) {
	source := generatedDay(t, 3000)
	trips := oracleRead(t, source)
	want, _ := oracle(t, trips)
	kinesisURL, searchURL := serving(t, "-shards", "2")
	inBucket(t)
	producer := start(t, "producer", "-endpoint", kinesisURL, "-source", source, "-speedup", "0")
	if code := producer.WaitExit(2 * time.Minute); code != 0 {
		t.Fatalf("producer: %s", producer.Errors())
	}
	for run := range 3 {
		p := start(t, "processor", "-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0",
			"-checkpoint-dir", "s3://bucket/checkpoints", "-checkpoint-interval", "50ms", "-log-format", "json")
		url := p.Address()
		if text := p.Errors(); run > 0 && (!strings.Contains(text, "which has ended") || strings.Contains(text, "waiting for the end of its lease")) {
			t.Errorf("run %d: the lease of a killed process is not free at once: %s", run, text)
		}
		waitFor(t, "the watermark is at the end", func() bool { return watermarkReached(url, trips) })
		if run == 2 {
			if !strings.Contains(p.Errors(), "going on from a checkpoint") {
				t.Errorf("it began anew: %s", p.Errors())
			}
			stopAndCompare(t, p, searchURL, want)
			return
		}
		if run == 0 { // afterwards there may be nothing new for one
			waitFor(t, "a checkpoint", func() bool { n, _ := metric(url, "taxistream_checkpoints_completed_total"); return n >= 1 })
		}
		if err := p.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.WaitExit(10 * time.Second)
	}
}

// inBucket starts a server with s3://bucket for the programs.
func inBucket(t *testing.T) *s3.Server {
	t.Helper()
	objects := &s3.Server{}
	objects.CreateBucket("bucket")
	at, err := objects.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { objects.Close() })
	t.Setenv("AWS_ENDPOINT_URL_S3", at)
	return objects
}
