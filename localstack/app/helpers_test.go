package app_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"taxistream/localstack/app"
	"taxistream/localstack/localtest"
)

// What the tests of the whole pipeline share.
type process = localtest.Process

var (
	oracle           = localtest.Documents
	oracleRead       = localtest.Read
	diffLines        = localtest.Diff
	sharedData       = localtest.SharedData
	generatedDay     = localtest.GeneratedDay
	start            = localtest.Start
	serving          = localtest.Serving
	metric           = localtest.Metric
	waitFor          = localtest.WaitFor
	watermarkReached = localtest.WatermarkReached
	countRejects     = localtest.CountRejects
)

func TestMain(m *testing.M) {
	code := m.Run()
	localtest.RemovePrograms()
	os.Exit(code)
}

// reaches waits until a processor has taken in a share of the trips since its attempt began. On a
// slow machine what ended before may have come further than it was to: then what is left may
// be less, and the end is enough.
func reaches(t *testing.T, url string, trips []localtest.Trip, share float64) {
	t.Helper()
	waitFor(t, "the processor is in the middle", func() bool {
		n, _ := metric(url, "taxistream_shard_records_total")
		return n >= share*float64(len(trips)) || watermarkReached(url, trips)
	})
}

// rejectIndex is where rejects are looked for.
const rejectIndex = "taxi_rejects"

// demo runs the whole pipeline over a source as fast as it goes and returns its
// export and what it printed.
func demo(t testing.TB, source string, flags ...string) (export []byte, printed string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "export.ndjson")
	var stdout, stderr bytes.Buffer
	args := append([]string{
		"demo", "-exit-when-done", "-speedup", "0", "-listen", "127.0.0.1:0", "-checkpoint-interval", "300ms",
		"-source", source, "-export", file,
	}, flags...)
	if code := app.Main(context.Background(), args, &stdout, &stderr); code != 0 {
		t.Fatalf("%s: status %d\n%s\n%s", strings.Join(args, " "), code, &stdout, &stderr)
	}
	export, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return export, stdout.String()
}

// demoProgram is demo as a user runs it: the program, without the race detector,
// which makes a large source ten times as dear.
func demoProgram(t *testing.T, source string, flags ...string) (export []byte) {
	t.Helper()
	dir, err := localtest.Programs()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "export.ndjson")
	args := append([]string{"demo", "-exit-when-done", "-speedup", "0", "-listen", "127.0.0.1:0", "-source", source, "-export", file}, flags...)
	if out, err := exec.Command(filepath.Join(dir, "localstack"), args...).CombinedOutput(); err != nil {
		t.Fatalf("localstack %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	if export, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	return export
}

// realFiles are the trip files of the shared folder.
func realFiles(t testing.TB) []string {
	t.Helper()
	dir := sharedData(t)
	if dir == "" {
		return nil
	}
	var files []string
	for _, pattern := range []string{"*.csv.gz", "*.parquet", "yellow-2018-2020/*.csv.gz"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

func base(file string) string { return filepath.Base(file) }
