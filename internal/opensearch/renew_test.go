package opensearch_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/opensearch"
)

// keys writes a credentials file with one key and makes it the configured one.
func keys(t *testing.T) (write func(id string)) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "credentials")
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	return func(id string) {
		if err := os.WriteFile(file, fmt.Appendf(nil, "[default]\naws_access_key_id = %s\naws_secret_access_key = secret\n", id), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// Ensure credentials that the domain refuses are read again, for calls and for bulk
// requests, and that a refusal that lasts ends within a bound, in one line.
func TestRenewal(t *testing.T) {
	write := keys(t)
	write("OLD")
	var asked atomic.Int32
	renews := true
	domain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if renews && strings.Contains(r.Header.Get("Authorization"), "Credential=NEW/") {
			fmt.Fprint(w, `{"count":7,"errors":false,"items":[{"index":{"status":201}}]}`)
			return
		}
		write("NEW") // as a login in another window does
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"message":"The security token included in the request is expired"}`)
	}))
	defer domain.Close()
	open := func() *opensearch.Client {
		c, err := opensearch.Open(t.Context(), opensearch.Options{Endpoint: domain.URL, Sign: "es", MinBackoff: time.Millisecond, MaxBackoff: time.Millisecond}, "eu-west-1")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if n, err := open().Count(t.Context(), "pickup_count", nil); err != nil || n != 7 {
		t.Errorf("a call: %d, %v", n, err)
	}
	write("OLD")
	w := opensearch.NewWriter(open(), opensearch.WriterOptions{})
	defer w.Close()
	if err := w.Add(t.Context(), opensearch.Document{Index: "i", ID: "1", Version: 1, Source: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(t.Context()); err != nil || w.Stats().Retries[opensearch.RetryCredentials] != 1 {
		t.Errorf("a bulk request: %v, %+v", err, w.Stats())
	}
	renews = false
	asked.Store(0)
	_, err := open().Count(t.Context(), "pickup_count", nil)
	if err == nil || !strings.Contains(err.Error(), "security token") || asked.Load() != fault.Renewals+1 {
		t.Errorf("a refusal that lasts: %v after %d requests", err, asked.Load())
	}
}

// Ensure an untrusted certificate ends a call and a writer at once, and says what helps.
func TestUntrusted(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Config.ErrorLog = nil
	defer server.Close()
	c, err := opensearch.New(opensearch.Options{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Count(t.Context(), "x", nil); err == nil || !strings.Contains(err.Error(), "AWS_CA_BUNDLE") {
		t.Errorf("a call: %v", err)
	}
	w := opensearch.NewWriter(c, opensearch.WriterOptions{})
	defer w.Close()
	if err := w.Add(t.Context(), opensearch.Document{Index: "i", ID: "1", Version: 1, Source: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(t.Context()); err == nil || !strings.Contains(err.Error(), "AWS_CA_BUNDLE") {
		t.Errorf("a bulk request: %v", err)
	}
}
