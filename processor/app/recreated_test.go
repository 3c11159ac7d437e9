package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"taxistream/engine"
	embedded "taxistream/localstack/kinesis"
)

// Ensure a stream that is made again while the service is away is noticed as soon as its
// shards are read again, told, and refused by the next start from its checkpoints.
func TestRun_StreamRecreated(t *testing.T) {
	s := newServers(t, embedded.Options{})
	again, err := embedded.New(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	var server atomic.Pointer[embedded.Server] // nil: away
	server.Store(s.kinesis)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if now := server.Load(); now != nil {
			now.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(front.Close)
	s.put(tripOne, dayEnds)
	p, wait := s.start("-endpoint", front.URL)
	s.reads(p)
	until(t, "a checkpoint", func() bool { return p.Status().Checkpoints.Completed > 0 })
	recreated := func() bool {
		_, body := get(t, p.URL()+"/metrics", "")
		return strings.Contains(body, "\ntaxistream_stream_recreated{job_name=\"taxi-trips\"} 1\n")
	}
	if recreated() || strings.Contains(strings.Join(p.StatusLines(), "\n"), "made again") {
		t.Error("told before it happened")
	}
	server.Store(nil)
	until(t, "reads fail", func() bool { return strings.Contains(s.log.String(), "trying again until it answers") })
	if err := again.CreateStream("taxi-trip-events", 2); err != nil {
		t.Fatal(err)
	}
	server.Store(again)
	until(t, "the metric tells", recreated)
	if text := strings.Join(p.StatusLines(), "\n"); !strings.Contains(text, "the stream was deleted and made again at ") || !strings.Contains(text, "another -checkpoint-dir") {
		t.Errorf("the status does not tell:\n%s", text)
	}
	if !strings.Contains(s.log.String(), "level=ERROR msg=\"the stream was deleted and made again") {
		t.Errorf("the log does not tell:\n%s", s.log.String())
	}
	if state := p.Status().State; state != engine.JobRunning {
		t.Errorf("the job is %s", state)
	}
	if err := wait(); err != nil {
		t.Error(err)
	}
	status, _, stderr := main(s.args("-quiet", "-endpoint", front.URL)...)
	if status != 1 || !strings.Contains(stderr, "stream_created") {
		t.Errorf("the next start: status %d, %q", status, stderr)
	}
}
