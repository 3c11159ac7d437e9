package app_test

import (
	"strings"
	"testing"
	"time"
)

// TestRescale changes the parallelism while trips come, 2 to 5 to 1, stops with a savepoint and starts
// from it with another parallelism and no other checkpoint: the export is the oracle's.
func TestRescale(t *testing.T) {
	sources := matrixSources(t)
	source := sources[len(sources)-1]
	trips := oracleRead(t, source)
	want, _ := oracle(t, trips)
	kinesisURL, searchURL := serving(t, "-shards", "4")
	dir := t.TempDir()
	processor := func(parallelism string, more ...string) (p *process, url string) {
		p = start(t, "processor", append([]string{
			"-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0", "-checkpoint-interval", "100ms",
			"-log-format", "json", "-p", parallelism, "-checkpoint-dir", dir + "/checkpoints",
		}, more...)...)
		return p, p.Address()
	}
	p, url := processor("2")
	producer := start(t, "producer", "-endpoint", kinesisURL, "-source", source, "-speedup", "20000", "-aggregate=false") // a day in about four seconds
	verb := func(args ...string) {
		args = append([]string{args[0], "-address", strings.TrimPrefix(url, "http://")}, args[1:]...)
		if v := start(t, "processor", args...); v.WaitExit(time.Minute) != 0 {
			t.Fatalf("%v: %s", args, v.Errors())
		}
	}
	reaches(t, url, trips, 0.2)
	verb("rescale", "-p", "5")
	reaches(t, url, trips, 0.2)
	verb("rescale", "-p", "1")
	reaches(t, url, trips, 0.1)
	verb("stop", dir+"/savepoints")
	if code := p.WaitExit(30 * time.Second); code != 0 {
		t.Fatalf("processor: status %d: %s", code, p.Errors())
	}
	p, url = processor("3", "-from-savepoint", dir+"/savepoints", "-checkpoint-dir", dir+"/others")
	if code := producer.WaitExit(2 * time.Minute); code != 0 {
		t.Fatalf("producer: %s", producer.Errors())
	}
	waitFor(t, "the watermark is at the end", func() bool { return watermarkReached(url, trips) })
	stopAndCompare(t, p, searchURL, want)
}
