package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure the UI's files come from their folder and all else from the processor, with the token, and that nothing
// passes that changes a job or comes by another name for this machine.
func TestHandler(t *testing.T) {
	processor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		io.WriteString(w, "asked "+r.Method+" "+r.URL.String())
	}))
	defer processor.Close()
	files := t.TempDir()
	for name, text := range map[string]string{"index.html": "the page", "main.js": "code", "../secret": "no"} {
		if err := os.WriteFile(filepath.Join(files, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h, err := handler(files, strings.TrimPrefix(processor.URL, "http://"), "secret")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, host, path string
		status             int
		want               string
	}{
		{"GET", "127.0.0.1:1", "/", 200, "the page"},
		{"GET", "localhost", "/main.js", 200, "code"},
		{"GET", "[::1]:1", "/jobs/overview?a=b", 200, "asked GET /jobs/overview?a=b"},
		{"GET", "127.0.0.1:1", "/config", 200, "asked GET /config"},
		{"GET", "127.0.0.1:1", "/%2e%2e/secret", 200, "asked GET /%2e%2e/secret"},
		{"PATCH", "127.0.0.1:1", "/jobs/1", 405, "only looks here"},
		{"GET", "evil.example:1", "/jobs", 403, "only a loopback host"},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s %s: %d %q", c.method, c.host, c.path, w.Code, w.Body)
		}
	}
	processor.Close()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/jobs", nil)
	r.Host = "127.0.0.1"
	h.ServeHTTP(w, r)
	if w.Code != http.StatusBadGateway || !strings.Contains(w.Body.String(), "no processor answers at") {
		t.Errorf("without a processor: %d %q", w.Code, w.Body)
	}
}

// Ensure wrong usage and missing files are told before anything is served, and that a signal ends it in order.
func TestRun(t *testing.T) {
	files := t.TempDir()
	for args, want := range map[string]string{
		"-x":                                  "flag provided but not defined",
		"-address nowhere":                    "write host:port",
		"-listen 0.0.0.0:0":                   "loopback",
		"-files " + files:                     "holds no index.html",
		"-files " + files + "/no":             "make flink-ui takes them from Maven",
		"-listen-token-file " + files + "/no": "-listen-token-file",
	} {
		if err := run(t.Context(), strings.Fields(args), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
	if err := os.WriteFile(filepath.Join(files, "index.html"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	end()
	var out bytes.Buffer
	if err := run(ctx, []string{"-files", files, "-listen", "127.0.0.1:0"}, &out); err != nil || !strings.Contains(out.String(), "http://127.0.0.1:") {
		t.Errorf("it ends with %v and has said %q", err, out.String())
	}
}
