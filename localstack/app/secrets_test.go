package app_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// secrets are what the programs are given and must not show, each unlike anything else.
var secrets = map[string]string{
	"AWS_ACCESS_KEY_ID":     "AKIAWHOSEKEYISTHIS12",
	"AWS_SECRET_ACCESS_KEY": "kqzvSecretAccessKeyOfTheTest/jxw+42qqqqq",
	"AWS_SESSION_TOKEN":     "kqzvSessionTokenOfTheTest//////////42jxw",
	"password":              "kqzvPasswordOfTheTestJxw",
	"token":                 "kqzvBearerTokenOfTheTestJxw",
	"signature":             "kqzvSignatureOfTheTestJxw",
}

// Ensure no secret leaves the programs: not in what they print at their most talkative, in good days and
// in bad ones, not on their pages and metrics, and not in any file that they write.
func TestSecrets(t *testing.T) {
	for name, value := range secrets {
		if strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value)
		}
	}
	source, dir := generatedDay(t, 3000), t.TempDir()
	kinesisURL, searchURL := serving(t, "-shards", "2")
	at, err := url.Parse(searchURL)
	if err != nil {
		t.Fatal(err)
	}
	at.User = url.UserPassword("somebody", secrets["password"])
	tokenFile := filepath.Join(t.TempDir(), "token") // not among the files that are looked through
	if err := os.WriteFile(tokenFile, []byte(secrets["token"]), 0o600); err != nil {
		t.Fatal(err)
	}
	files := []string{"-log-level", "debug", "-log-format", "json"}
	p := start(t, "processor", append(files, "-endpoint", kinesisURL, "-opensearch-endpoint", at.String(), "-listen", "127.0.0.1:0", "-listen-token-file", tokenFile,
		"-checkpoint-dir", dir+"/checkpoints", "-checkpoint-interval", "50ms", "-also", "file://"+dir+"/also")...)
	address := p.Address()
	producer := start(t, "producer", append(files, "-endpoint", kinesisURL, "-source", source, "-loop", "0", "-speedup", "5000", "-resume", dir+"/resume", "-listen", "127.0.0.1:0")...) // without end
	shown := shown{t: t}
	shown.pages(producer.Address(), "/metrics", "/healthz", "/readyz")
	waitFor(t, "documents", func() bool { n, _ := metric(address, "taxistream_documents_written_total"); return n > 0 })
	shown.pages(address, "/metrics", "/healthz", "/readyz", "/", "/job", "/status", "/overview", "/jobs", "/jobs/overview", "/config", "/jobmanager/config", "/jobmanager/environment")
	if err := producer.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := producer.WaitExit(time.Minute); code != 0 {
		t.Fatalf("producer: status %d: %s", code, producer.Errors())
	}
	host := strings.TrimPrefix(address, "http://")
	for _, verb := range [][]string{{"list"}, {"savepoint", dir + "/savepoints"}, {"stop", "-drain", dir + "/savepoints"}} {
		shown.program("processor", 0, append(append(verb[:1:1], "-address", host, "-listen-token-file", tokenFile), verb[1:]...)...)
	}
	if code := p.WaitExit(time.Minute); code != 0 {
		t.Fatalf("processor: status %d: %s", code, p.Errors())
	}
	shown.process(p)
	shown.process(producer)

	refusing := "http://somebody:" + secrets["password"] + "@127.0.0.1:1/trips.csv?X-Amz-Signature=" + secrets["signature"]
	shown.program("producer", 1, append(files, "-endpoint", kinesisURL, "-source", refusing)...)
	shown.program("producer", 1, "-endpoint", kinesisURL, "-source", source, "-region", "no region")
	shown.program("processor", 1, append(files, "-endpoint", kinesisURL, "-stream", "none", "-opensearch-endpoint", at.String(), "-listen", "127.0.0.1:0", "-checkpoint-dir", dir+"/others")...)
	shown.program("processor", 1, "-endpoint", kinesisURL, "-opensearch-endpoint", at.String()+"?q="+secrets["signature"], "-listen", "127.0.0.1:0")
	shown.program("processor", 0, "rejects", "-opensearch-endpoint", at.String())
	shown.program("processor", 0, "backfill", "-source", source, "-opensearch-endpoint", at.String(), "-progress", dir+"/progress")
	shown.program("localstack", 0, "export", "-opensearch-endpoint", at.String(), "-export", dir+"/export.ndjson")
	shown.program("localstack", 0, "query", "-opensearch-endpoint", at.String(), "top")
	shown.bucket(kinesisURL, at.String(), tokenFile)
	shown.files(dir)
	if shown.places < 30 || shown.bytes < 200_000 {
		t.Errorf("only %d places of %d bytes were looked at", shown.places, shown.bytes)
	}
}

// bucket has one processor take over from another, with checkpoints, a savepoint and documents in S3, and looks at what
// both say and at every object.
func (s *shown) bucket(kinesisURL, searchURL, tokenFile string) {
	objects := inBucket(s.t)
	processor := func(more ...string) *process {
		return start(s.t, "processor", append([]string{
			"-log-level", "debug", "-log-format", "json", "-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0", "-listen-token-file", tokenFile,
			"-checkpoint-dir", "s3://bucket/checkpoints", "-checkpoint-interval", "50ms", "-also", "s3://bucket/also", "-index-prefix", "bucket-",
		}, more...)...)
	}
	old := processor()
	waitFor(s.t, "documents", func() bool { n, _ := metric(old.Address(), "taxistream_documents_written_total"); return n > 0 })
	heir := processor("-takeover")
	if code := old.WaitExit(time.Minute); code != 1 {
		s.t.Fatalf("the first one: status %d: %s", code, old.Errors())
	}
	kinds := map[string]int{}
	waitFor(s.t, "files and checkpoints in the bucket", func() bool {
		clear(kinds)
		for _, key := range objects.Keys("bucket") {
			kind, _, _ := strings.Cut(key, "/")
			kinds[kind]++
		}
		return kinds["also"] > 0 && kinds["checkpoints"] > 2
	})
	s.pages(heir.Address(), "/metrics", "/status", "/jobs/overview", "/jobmanager/config", "/jobmanager/logs")
	host := strings.TrimPrefix(heir.Address(), "http://")
	s.program("processor", 0, "stop", "-address", host, "-listen-token-file", tokenFile, "s3://bucket/savepoints")
	if code := heir.WaitExit(time.Minute); code != 0 {
		s.t.Fatalf("the second one: status %d: %s", code, heir.Errors())
	}
	s.process(old)
	s.process(heir)
	s.program("producer", 1, "-endpoint", kinesisURL, "-source", "s3://bucket/none")
	s.program("processor", 1, "-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0", "-checkpoint-dir", "s3://none/checkpoints")
	s.program("processor", 0, "rejects", "replay", "-opensearch-endpoint", searchURL, "-index-prefix", "bucket-")
	savepoints := 0
	for _, key := range objects.Keys("bucket") {
		if strings.HasPrefix(key, "savepoints/") {
			savepoints++
		}
		s.look("object "+key, objects.Object("bucket", key))
	}
	if savepoints < 3 {
		s.t.Errorf("%d objects of savepoints", savepoints)
	}
}

// shown looks for secrets in what programs show.
type shown struct {
	t             *testing.T
	places, bytes int
}

func (s *shown) look(where string, text []byte) {
	s.t.Helper()
	s.places++
	s.bytes += len(text)
	for name, value := range secrets {
		for _, form := range []string{value, url.QueryEscape(value), base64.StdEncoding.EncodeToString([]byte("somebody:" + value))} {
			if bytes.Contains(text, []byte(form)) {
				s.t.Errorf("%s holds the %s", where, name)
			}
		}
	}
}

func (s *shown) process(p *process) {
	s.t.Helper()
	var out strings.Builder
	for line := range p.Lines() {
		out.WriteString(line + "\n")
	}
	s.look("what "+filepath.Base(p.Path)+" prints", []byte(out.String()+p.Errors()))
}

// program runs one to its end.
func (s *shown) program(name string, status int, args ...string) {
	s.t.Helper()
	p := start(s.t, name, args...)
	if code := p.WaitExit(2 * time.Minute); code != status {
		s.t.Errorf("%s %v: status %d, want %d: %s", name, args, code, status, p.Errors())
	}
	s.process(p)
}

func (s *shown) pages(address string, paths ...string) {
	s.t.Helper()
	for _, path := range paths {
		for _, token := range []string{"", secrets["token"]} {
			r, err := http.NewRequest(http.MethodGet, address+path, nil)
			if err != nil {
				s.t.Fatal(err)
			}
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				s.t.Fatal(err)
			}
			text, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil {
				s.t.Fatal(err)
			}
			s.look(path, text)
		}
	}
}

func (s *shown) files(dir string) {
	s.t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err == nil {
			s.look(name, text)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}
