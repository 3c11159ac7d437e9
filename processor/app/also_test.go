package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/localtest"
	"taxistream/localstack/s3"
	"taxistream/processor/app"
)

// export is what the results store holds.
func (s *servers) export() string {
	s.t.Helper()
	client, err := opensearch.New(opensearch.Options{Endpoint: s.searchAt})
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	var b bytes.Buffer
	if _, err := results.Export(s.t.Context(), client, "", &b); err != nil {
		s.t.Fatal(err)
	}
	return b.String()
}

// objectsBelow are a bucket's objects below a prefix as a file system.
func objectsBelow(objects *s3.Server, prefix string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, key := range objects.Keys("bucket") {
		if name, below := strings.CutPrefix(key, prefix); below {
			fsys[name] = &fstest.MapFile{Data: objects.Object("bucket", key)}
		}
	}
	return fsys
}

// trips are n of them, one after the other through the day.
func trips(n int) (records []string) {
	for i := range n {
		records = append(records, fmt.Sprintf(`{"trip_id":%d,"pickup_lat":40.7,"pickup_lon":-73.9,"dropoff_lat":40.65,"dropoff_lon":-73.79,"pickup_datetime":"2016-01-05T%02d:00:00Z","dropoff_datetime":"2016-01-05T%02d:%02d:00Z"}`,
			i+1, i/60%24, i/60%24, i%60))
	}
	return records
}

// alsoKilled runs a processor until its last write to the place of -also in S3, and the next one to the end.
func alsoKilled(t *testing.T, last int32, arrive bool) (over bool) {
	t.Helper()
	s := newServers(t, embedded.Options{})
	s.dir = t.TempDir()
	folder := s.dir
	objects := s.bucket()
	s.dir = folder // checkpoints are on the disk: only the files' writes are counted
	d := &dying{last: last, arrive: arrive}
	objects.Fault = d.fault
	args := s.args("-also", "s3://bucket/files", "-checkpoint-interval", "20ms", "-hotspot-min", "1")
	c, err := parse(args...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	p, err := app.New(ctx, c, slog.New(slog.NewTextHandler(&s.log, nil)), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run() }()
	s.put(trips(90)[:30]...)
	s.put(`{"type":"watermark","watermark":"2016-01-05T00:19:59.999Z"}`)
	until(t, "its last write, or all its files", func() bool {
		return d.writes.Load() >= last || p.Status().Watermark > 0 && p.Files().Files >= 2 && p.Files().Pending == 0
	})
	over = d.writes.Load() < last
	kill()
	<-ended
	d.dead.Store(true)
	s.put(append(trips(90)[30:], dayEnds)...)
	n, wait := s.start("-also", "s3://bucket/files", "-hotspot-min", "1", "-parallelism", "3")
	s.reads(n)
	if err := wait(); err != nil {
		t.Fatalf("%v\n%s", err, s.log.String())
	}
	if got := n.Files(); got.Missing > 0 || got.Pending > 0 {
		t.Errorf("the figures are %+v", got)
	}
	got, hidden := localtest.Also(t, objectsBelow(objects, "files/"))
	if diff := localtest.Diff(got, []byte(s.export())); diff != "" || len(hidden) > 0 || len(got) == 0 {
		t.Errorf("%v are hidden; %s", hidden, diff)
	}
	return over
}

// Ensure that a processor that dies at any write of its files to S3 is followed by one after
// which they hold what the index does, each version of a document once, and no object is left.
func TestAlso_BucketKilledAtEveryWrite(t *testing.T) {
	for _, arrive := range []bool{false, true} {
		for last := int32(1); ; last++ {
			over := alsoKilled(t, last, arrive)
			if t.Failed() {
				t.Fatalf("the last write was number %d, arrived: %v", last, arrive)
			}
			if over {
				t.Logf("%d writes", last-1)
				break
			}
		}
	}
}

// Ensure -also can be taken off, put on again and moved, and that windows that fire again add files.
func TestAlso_ComesAndGoes(t *testing.T) {
	s := newServers(t, embedded.Options{})
	first, second := t.TempDir(), t.TempDir()
	life := func(stand string, args ...string) {
		t.Helper()
		p, wait := s.start(append(args, "-hotspot-min", "1", "-allowed-lateness", "24h")...)
		ms, err := time.Parse(time.RFC3339, stand)
		if err != nil {
			t.Fatal(err)
		}
		until(t, "it has read all", func() bool { return p.Status().Watermark == ms.UnixMilli() })
		if err := wait(); err != nil {
			t.Fatalf("%v\n%s", err, s.log.String())
		}
	}
	mark := func(stand string) string { return `{"type":"watermark","watermark":"` + stand + `"}` }
	s.put(append(trips(10), mark("2016-01-05T02:00:00Z"))...)
	life("2016-01-05T02:00:00Z", "-also", "file://"+first)
	got, _ := localtest.Also(t, os.DirFS(first))
	if diff := localtest.Diff(got, []byte(s.export())); diff != "" {
		t.Errorf("before it goes: %s", diff)
	}
	s.put(mark("2016-01-05T03:00:00Z"))
	life("2016-01-05T03:00:00Z")
	s.put(append(trips(12), mark("2016-01-05T04:00:00Z"))...) // two more in a window that has fired
	life("2016-01-05T04:00:00Z", "-also", "file://"+first)
	got, _ = localtest.Also(t, os.DirFS(first))
	if diff := localtest.Diff(got, []byte(s.export())); diff != "" {
		t.Errorf("after it comes back: %s", diff)
	}
	if files, _ := filepath.Glob(first + "/pickup_count/2016-01-05T00:00:00.000Z/part-*.ndjson"); len(files) < 1 {
		t.Errorf("the window is in %v", files)
	}
	s.put(append(trips(100)[70:], dayEnds)...)
	life("2016-01-05T23:59:59.999Z", "-also", "file://"+second+"?format=parquet")
	moved, hidden := localtest.Also(t, os.DirFS(second))
	if len(hidden) > 0 || !bytes.Contains(moved, []byte("01:10:00.000Z")) || bytes.Contains(moved, []byte("T00:00:00.000Z")) {
		t.Errorf("after it moved %v are hidden, and visible\n%s", hidden, moved)
	}
}

// Ensure what no run can use is refused in one line, and before anything else is said.
func TestAlso_Refused(t *testing.T) {
	s := newServers(t, embedded.Options{})
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"out":                        "-also out: write file://DIR or s3://bucket/prefix",
		"file://":                    "-also file://: write file://DIR",
		"ftp://host/x":               "-also ftp://host/x: write file://DIR",
		"s3://":                      "-also s3://: write s3://bucket/prefix",
		"s3://key:secret@bucket/x":   "keys and passwords belong into the AWS configuration",
		"file://x?format=csv":        `format "csv": choose ndjson or parquet`,
		"file://x?compress=1":        "?compress is no option",
		"file://x?format=a&format=b": "?format is no option",
		"file://" + file:             "-also: open folder",
	} {
		status, stdout, stderr := main(append(s.args(), "-also", address)...)
		code := 2
		if strings.HasSuffix(address, file) {
			code = 1
		}
		if status != code || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "processor: ") || !strings.Contains(stderr, want) || strings.Contains(stderr, "secret@") {
			t.Errorf("%s: status %d, %q, %q", address, status, stdout, stderr)
		}
	}
	objects := s.bucket()
	for address, want := range map[string]string{"s3://elsewhere/x": "make the bucket", "s3://bucket/denied": "check the credentials"} {
		objects.Fault = func(r *http.Request, _, key string) s3.Fault {
			if strings.HasPrefix(key, "denied") && r.Method == http.MethodPut {
				return s3.Fault{Status: http.StatusForbidden}
			}
			return s3.Fault{}
		}
		status, _, stderr := main(append(s.args(), "-also", address, "-checkpoint-dir", t.TempDir())...)
		if status != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %q, want %q", address, status, stderr, want)
		}
	}
}

// Ensure the figures of -also are in /metrics and in the status.
func TestAlso_Metrics(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, dayEnds)
	p, wait := s.start("-also", "file://"+t.TempDir(), "-hotspot-min", "1")
	s.reads(p)
	until(t, "both files are visible", func() bool { return p.Files().Files == 2 && p.Files().Pending == 0 })
	_, body := get(t, p.URL()+"/metrics", "")
	for _, want := range []string{"also_documents_written_total", "also_files_published_total", "also_bytes_published_total", "also_files_pending", "also_files_missing_total"} {
		if !slices.ContainsFunc(strings.Split(body, "\n"), func(line string) bool { return strings.HasPrefix(line, "taxistream_"+want+"{") }) {
			t.Errorf("%s is not in /metrics", want)
		}
	}
	if lines := strings.Join(p.StatusLines(), "\n"); !strings.Contains(lines, "\nfiles          2 visible, 0 wait for their checkpoint\n") {
		t.Errorf("the status is\n%s", lines)
	}
	if pairs := fmt.Sprint(p.StatusPairs()...); !strings.Contains(pairs, "files") {
		t.Errorf("the status is %s", pairs)
	}
	if err := wait(); err != nil {
		t.Fatal(err)
	}
}
