package telemetry_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"taxistream/internal/telemetry"
)

func TestNewLogger(t *testing.T) {
	t.Run("JSONWhereNobodyLooks", func(t *testing.T) {
		var b bytes.Buffer
		l, err := telemetry.NewLogger(&b, telemetry.LogOptions{})
		if err != nil {
			t.Fatal(err)
		}
		l.Info("hello", "shard", "a")
		if !strings.Contains(b.String(), `"shard":"a"`) {
			t.Fatalf("got %q, want JSON", b.String())
		}
	})
	t.Run("QuietKeepsErrors", func(t *testing.T) {
		var b bytes.Buffer
		l, _ := telemetry.NewLogger(&b, telemetry.LogOptions{Level: "debug", Format: "text", Quiet: true})
		l.Warn("no")
		l.Error("yes")
		if got := b.String(); strings.Contains(got, "no") || !strings.Contains(got, "yes") {
			t.Fatalf("got %q", got)
		}
	})
	for _, o := range []telemetry.LogOptions{{Level: "loud"}, {Format: "xml"}} {
		if _, err := telemetry.NewLogger(io.Discard, o); err == nil || !strings.Contains(err.Error(), "choose") {
			t.Errorf("%+v: got %v, want what to choose", o, err)
		}
	}
}

func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
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

// Ensure health and metrics are open, the rest asks for the token, and not
// being ready says what is missing.
func TestServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	notReady := errors.New("waiting for the stream")
	took := telemetry.NewHistogram("took_seconds", "x", "job_name", "a")
	took.Observe(3 * time.Millisecond)
	(*telemetry.Histogram)(nil).Observe(time.Second) // counts nothing
	s, err := telemetry.Listen(telemetry.ServerOptions{
		Addr: "127.0.0.1:0", TokenFile: file, Version: "v1", Commit: "abc", Work: "reading",
		Histograms: []*telemetry.Histogram{took},
		Ready:      func() error { return notReady },
		Collect: func(emit func(telemetry.Metric)) {
			emit(telemetry.Metric{Name: "taxistream_x_total", Help: "x", Kind: telemetry.Counter, Labels: []string{"reason", "late"}, Value: 3})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Mux.HandleFunc("GET /page", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "page") })
	done := make(chan error)
	go func() { done <- s.Serve() }()
	for _, c := range []struct {
		path, token string
		code        int
		holds       string
	}{
		{"/healthz", "", 200, "alive"},
		{"/readyz", "", 503, "waiting for the stream"},
		{"/metrics", "", 200, `taxistream_x_total{reason="late"} 3`},
		{"/metrics", "", 200, `taxistream_build_info{commit="abc",goversion="` + runtime.Version() + `",version="v1"} 1`},
		{"/metrics", "", 200, `taxistream_took_seconds_bucket{job_name="a",le="0.004"} 1`},
		{"/page", "", 401, "token"},
		{"/page", "wrong", 401, "token"},
		{"/page", "secret", 200, "page"},
	} {
		if code, body := get(t, s.URL()+c.path, c.token); code != c.code || !strings.Contains(body, c.holds) {
			t.Errorf("%s with %q: got %d %q, want %d with %q", c.path, c.token, code, body, c.code, c.holds)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// Ensure a scraper that asks for OpenMetrics gets it.
func TestMetricsHandler_OpenMetrics(t *testing.T) {
	h := telemetry.MetricsHandler(telemetry.ServerOptions{Collect: func(emit func(telemetry.Metric)) {
		emit(telemetry.Metric{Name: "taxistream_x_total", Help: "x", Kind: telemetry.Counter, Value: 3})
	}})
	ask := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	ask.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, ask)
	if body := answer.Body.String(); !strings.Contains(body, "# TYPE taxistream_x counter\ntaxistream_x_total 3.0\n") || !strings.HasSuffix(body, "# EOF\n") {
		t.Errorf("%s:\n%s", answer.Header().Get("Content-Type"), body)
	}
}

func TestListenRefuses(t *testing.T) {
	ready := func() error { return nil }
	none := func(func(telemetry.Metric)) {}
	s, err := telemetry.Listen(telemetry.ServerOptions{Addr: "127.0.0.1:0", Ready: ready, Collect: none})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	busy := strings.TrimPrefix(s.URL(), "http://")
	for name, c := range map[string]struct{ addr, token, holds string }{
		"Busy":            {busy, "", busy},
		"OutsideLoopback": {"0.0.0.0:0", "", "-listen-token-file"},
		"NoPort":          {"localhost", "", "host:port"},
		"NoTokenFile":     {"0.0.0.0:0", filepath.Join(t.TempDir(), "none"), "-listen-token-file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := telemetry.Listen(telemetry.ServerOptions{Addr: c.addr, TokenFile: c.token, Ready: ready, Collect: none})
			if err == nil || !strings.Contains(err.Error(), c.holds) {
				t.Fatalf("got %v, want an error with %q", err, c.holds)
			}
		})
	}
}
