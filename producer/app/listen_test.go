package app

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	local "taxistream/localstack/kinesis"
	"taxistream/localstack/localtest"
)

// address is what a log line says of the port that -listen took.
var address = regexp.MustCompile(`"address":"(http[^"]*)"`)

func page(t *testing.T, url string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// Ensure -listen shows health and metrics of a producer at work, in a form that
// Prometheus' tool has nothing against.
func TestMain_Listen(t *testing.T) {
	_, url := serve(t, local.Options{})
	ctx, stop := context.WithCancel(t.Context())
	log := &watched{word: `"address":"`, seen: make(chan struct{})}
	out := &watched{word: "watermarks=2", seen: make(chan struct{})}
	status := make(chan int)
	go func() {
		status <- Main(ctx, []string{
			"-endpoint", url, "-stream", "taxi", "-source", file(t, rides(60, 1000)), "-speedup", "1",
			"-statistics-interval", "5ms", "-watermark-interval", "5ms", "-listen", "127.0.0.1:0", "-log-format", "json",
		}, out, log)
	}()
	<-log.seen
	at := address.FindStringSubmatch(log.String())[1]
	if code, body := page(t, at+"/healthz"); code != http.StatusOK || body != "alive\n" {
		t.Errorf("/healthz: %d %q", code, body)
	}
	if code, body := page(t, at+"/readyz"); code != http.StatusOK || body != "sending\n" {
		t.Errorf("/readyz: %d %q", code, body)
	}
	<-out.seen // the second watermark begins when the calls of the first are answered
	_, body := page(t, at+"/metrics")
	for _, want := range []string{"\ntaxistream_starts_total 1\n", "\ntaxistream_trips_sent_total ", "\ntaxistream_put_request_seconds_bucket{le=\"0.001\"} "} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics lacks %q:\n%s", want, body)
		}
	}
	if strings.Contains(body, "taxistream_put_request_seconds_count 0\n") {
		t.Error("no call was timed")
	}
	localtest.CheckMetrics(t, body)
	stop()
	if got := <-status; got != 0 {
		t.Errorf("status %d: %s", got, log.String())
	}
}

// Ensure a producer that waits says so on /readyz, and one that has ended, too.
func TestListener_Ready(t *testing.T) {
	l := &listener{}
	if err := l.ready(); err == nil || !strings.Contains(err.Error(), "waits for") {
		t.Errorf("before the start: %v", err)
	}
	p := &Producer{}
	p.stats.Store(&Stats{})
	l.producer.Store(p)
	if err := l.ready(); err != nil {
		t.Errorf("at work: %v", err)
	}
	p.stats.Store(&Stats{Done: true})
	if err := l.ready(); err == nil || !strings.Contains(err.Error(), "all is sent") {
		t.Errorf("at the end: %v", err)
	}
}

// Ensure a port that is taken, and one outside loopback without a token, is the
// only line.
func TestMain_ListenRefused(t *testing.T) {
	_, url := serve(t, local.Options{})
	for listen, want := range map[string]string{
		strings.TrimPrefix(url, "http://"): "choose another port with -listen",
		"0.0.0.0:0":                        "-listen-token-file",
	} {
		var out, log strings.Builder
		status := Main(t.Context(), []string{"-source", file(t, rides(1, 1000)), "-listen", listen}, &out, &log)
		if status != 1 || !strings.Contains(log.String(), want) || strings.Count(log.String(), "\n") != 1 {
			t.Errorf("%s: status %d, %q", listen, status, log.String())
		}
	}
}
