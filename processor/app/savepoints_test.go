package app_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"taxistream/engine"
	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/app"
)

// verb runs a verb of a running processor.
func verb(t *testing.T, p *app.Processor, args ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = app.Main(t.Context(), append(args, "-address", strings.TrimPrefix(p.URL(), "http://")), &b, &b)
	return status, strings.TrimSpace(b.String())
}

// Ensure the verbs do what they say to a running processor, and that another one goes on from
// each savepoint, with the documents of a run that was never disturbed.
func TestVerbs(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne)
	p, wait := s.start()
	until(t, "it reads", func() bool { return p.Read() == 2 })

	status, out := verb(t, p, "list")
	if !regexp.MustCompile(`^JOB +NAME +STATE +SINCE\n[0-9a-f]{32} +taxi-trips +RUNNING +20`).MatchString(out) || status != 0 {
		t.Errorf("list: %d, %s", status, out)
	}
	base := filepath.Join(t.TempDir(), "mine")
	status, first := verb(t, p, "savepoint", base)
	if status != 0 || filepath.Dir(first) != base || !strings.HasPrefix(filepath.Base(first), "savepoint-") {
		t.Fatalf("savepoint: %d, %s", status, first)
	}
	if status, out = verb(t, p, "savepoint"); status != 0 || filepath.Dir(out) != filepath.Join(s.dir, "savepoints") {
		t.Errorf("savepoint without a folder: %d, %s", status, out)
	}
	if status, out = verb(t, p, "rescale", "-p", "3"); status != 0 || out != "rescaled to 3" || p.Status().Parallelism != 3 {
		t.Errorf("rescale: %d, %s, %d", status, out, p.Status().Parallelism)
	}
	s.put(tripTwo)
	until(t, "it reads on", func() bool { return p.Read() == 4 })
	status, last := verb(t, p, "stop", base)
	if status != 0 || filepath.Dir(last) != base {
		t.Fatalf("stop: %d, %s", status, last)
	}
	if err := wait(); err != nil {
		t.Fatal(err)
	}

	if _, err := parse(s.args("-from-savepoint", "gs://bucket")...); err == nil || !strings.Contains(err.Error(), "name a folder or s3://") {
		t.Errorf("a foreign place: %v", err)
	}
	for _, test := range []struct{ dir, want string }{
		{base, "holds 2 savepoints: name one of them"},
		{filepath.Join(base, "none"), "no such file or directory"},
		{t.TempDir(), "holds no savepoint"},
	} {
		status, _, stderr := main(s.args("-quiet", "-from-savepoint", test.dir)...)
		if status != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "processor: -from-savepoint: ") || !strings.Contains(stderr, test.want) {
			t.Errorf("status %d, %q", status, stderr)
		}
	}
	if err := os.RemoveAll(first); err != nil { // the one that is left is found in its folder
		t.Fatal(err)
	}
	for _, from := range []string{last, base} {
		s.dir = t.TempDir()
		p, wait = s.start("-from-savepoint", from, "-parallelism", "1")
		until(t, "it goes on", func() bool { return p.Status().State == engine.JobRunning && len(p.Status().Splits) == 2 })
		if got := p.Status().Checkpoints; got.RestoredID == 0 || !got.RestoredSavepoint || p.Read() != 0 {
			t.Errorf("from %s: %+v, %d read", from, got, p.Read())
		}
		if err := wait(); err != nil {
			t.Fatal(err)
		}
	}
	p, wait = s.start("-from-savepoint", last, "-checkpoint-dir", t.TempDir())
	s.put(dayEnds)
	until(t, "every window fires", func() bool { return s.documents("trip_duration") == 1 })
	_, body := get(t, s.searchAt+"/trip_duration/_search", "")
	if !strings.Contains(body, `"trip_count":2`) {
		t.Errorf("the document is %s", body)
	}
	if status, out = verb(t, p, "cancel"); status != 0 || out != "cancelled" {
		t.Errorf("cancel: %d, %s", status, out)
	}
	if err := wait(); err != nil {
		t.Errorf("cancelled, it ends with %v", err)
	}
}

// Ensure a drain by a verb is finished: neither its checkpoint nor its savepoint is gone on from.
func TestVerbs_Drain(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, tripTwo)
	p, wait := s.start()
	until(t, "it reads", func() bool { return p.Read() == 4 })
	status, at := verb(t, p, "stop", "-drain")
	if status != 0 {
		t.Fatalf("stop: %d, %s", status, at)
	}
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	if n := s.documents("pickup_count"); n != 1 {
		t.Errorf("%d documents", n)
	}
	status, _, stderr := main(s.args("-quiet", "-from-savepoint", at, "-checkpoint-dir", t.TempDir())...)
	if status != 1 || !strings.Contains(stderr, "savepoint "+at) || !strings.Contains(stderr, "drained job") {
		t.Errorf("status %d, %q", status, stderr)
	}
}

// Ensure wrong usage of verbs is status 2, and what a processor refuses or cannot do status 1, in one line each.
func TestVerbs_Refused(t *testing.T) {
	s := newServers(t, embedded.Options{})
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, _ := s.start("-listen-token-file", token)
	until(t, "it reads", func() bool { return len(p.Status().Splits) == 2 })
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"rescale"}, 2, "processor rescale: flag -parallelism is needed; see -h"},
		{[]string{"rescale", "-p", "0"}, 2, "processor rescale: -parallelism 0: choose 1 or more; see -h"},
		{[]string{"savepoint", "a", "b"}, 2, `processor savepoint: unexpected argument "b"; see -h`},
		{[]string{"list"}, 1, "401 Unauthorized: a Bearer token is needed"},
		{[]string{"list", "-listen-token-file", token + "x"}, 2, "no such file"},
		{[]string{"rescale", "-p", "100000", "-listen-token-file", token}, 1, "choose 1 to 128"},
		{[]string{"savepoint", "gs://x", "-listen-token-file", token}, 1, "name a folder or s3://bucket/prefix"},
		{[]string{"savepoint", token, "-listen-token-file", token}, 1, "not a directory"},
		{[]string{"list", "-listen-token-file", token}, 0, "RUNNING"},
	} {
		status, out := verb(t, p, test.args...)
		if status != test.status || !strings.Contains(out, test.want) || status != 0 && strings.Contains(out, "\n") {
			t.Errorf("%q: status %d, %q; want %d, %q", test.args, status, out, test.status, test.want)
		}
	}
	// A page of another site, and another name for this machine, change nothing.
	for header, value := range map[string]string{"Origin": "http://elsewhere.example", "Sec-Fetch-Site": "cross-site"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, p.URL()+"/jobs/0", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(header, value)
		r.Header.Set("Authorization", "Bearer secret")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", header, answer.Status)
		}
	}
	open, _ := s.start("-checkpoint-dir", t.TempDir())
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, open.URL()+"/jobs/0", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "rebound.example"
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("another host: %s", answer.Status)
	}
}
