package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"taxistream/localstack/localtest"
)

// Ensure the files of -also hold each document of the export in each of its versions once, to the
// byte: over two kills, a rescale, a savepoint, other parallelism each time, both formats, and a drain.
func TestAlso_Killed(t *testing.T) {
	sources := matrixSources(t)
	source := sources[len(sources)-1]
	trips := oracleRead(t, source)
	want, _ := oracle(t, trips)
	kinesisURL, searchURL := serving(t, "-shards", "3")
	dir, place := t.TempDir(), t.TempDir()
	processor := func(parallelism, format string, more ...string) (p *process, url string) {
		p = start(t, "processor", append([]string{
			"-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0", "-checkpoint-dir", dir + "/checkpoints",
			"-checkpoint-interval", "100ms", "-log-format", "json", "-p", parallelism, "-also", "file://" + place + format,
		}, more...)...)
		return p, p.Address()
	}
	overtaken := false
	goesOn := func(url string, share float64) {
		reaches(t, url, trips, share)
		waitFor(t, "files are visible", func() bool {
			files, _ := metric(url, "taxistream_also_files_published_total")
			return files >= 1 || watermarkReached(url, trips)
		})
		overtaken = overtaken || watermarkReached(url, trips)
	}
	verb := func(args ...string) {
		if p := start(t, "processor", args...); p.WaitExit(time.Minute) != 0 {
			t.Fatalf("%v: %s", args, p.Errors())
		}
	}
	p, url := processor("2", "")
	producer := start(t, "producer", "-endpoint", kinesisURL, "-source", source, "-speedup", "20000", "-aggregate=false")
	goesOn(url, 0.2)
	kill(t, p)
	p, url = processor("3", "?format=parquet")
	goesOn(url, 0.2)
	kill(t, p)
	p, url = processor("1", "?format=ndjson")
	goesOn(url, 0.1)
	verb("rescale", "-p", "3", "-address", strings.TrimPrefix(url, "http://"))
	goesOn(url, 0.2)
	verb("stop", "-address", strings.TrimPrefix(url, "http://"), dir+"/savepoints")
	if code := p.WaitExit(30 * time.Second); code != 0 {
		t.Fatalf("processor: status %d: %s", code, p.Errors())
	}
	p, url = processor("4", "?format=parquet", "-from-savepoint", dir+"/savepoints", "-checkpoint-dir", dir+"/others")
	if code := producer.WaitExit(2 * time.Minute); code != 0 {
		t.Fatalf("producer: status %d: %s", code, producer.Errors())
	}
	waitFor(t, "the watermark is at the end", func() bool { return watermarkReached(url, trips) })
	verb("stop", "-drain", "-address", strings.TrimPrefix(url, "http://"))
	if code := p.WaitExit(30 * time.Second); code != 0 {
		t.Fatalf("processor: status %d: %s", code, p.Errors())
	}
	got, hidden := localtest.Also(t, os.DirFS(place))
	if diff := diffLines(got, want); diff != "" {
		t.Error(diff)
	}
	if len(hidden) > 0 {
		t.Errorf("left are %v", hidden)
	}
	for _, format := range []string{"ndjson", "parquet"} {
		if files, _ := filepath.Glob(place + "/pickup_count/*/part-*." + format); len(files) == 0 && !overtaken {
			t.Errorf("no file is %s", format)
		}
	}
}

func kill(t *testing.T, p *process) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.WaitExit(10 * time.Second)
}

// Ensure the demo takes -also, and that its files are those of its export when it ends.
func TestAlso_Demo(t *testing.T) {
	for _, format := range []string{"", "?format=parquet"} {
		place := t.TempDir()
		export, _ := demo(t, generatedDay(t, 20_000), "-also", "file://"+place+format, "-shards", "2", "-index-prefix", "v2-")
		got, hidden := localtest.Also(t, os.DirFS(place))
		if diff := diffLines(got, export); diff != "" || len(hidden) > 0 {
			t.Errorf("%s: %v are hidden; %s", format, hidden, diff)
		}
		if !strings.HasPrefix(string(got), `{"_index":"v2-pickup_count"`) {
			t.Errorf("the files begin with %.80s", got)
		}
	}
}
