package app_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taxistream/data/app"
)

// Ensure a download that is stopped ends in order, keeps what it has, and says
// how to go on.
func TestFetch_Stopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"one"`)
		w.Header().Set("Content-Length", "2000000")
		w.Write(bytes.Repeat([]byte("x"), 1_000_000))
		w.(http.Flusher).Flush()
		stop()
		<-r.Context().Done()
	}))
	defer server.Close()
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	if code := app.Main(ctx, []string{"fetch", "-base", server.URL, "-dir", dir, "2015-01"}, &stdout, &stderr); code != 0 {
		t.Errorf("status %d, want 0: %s", code, &stderr)
	}
	if !strings.Contains(stderr.String(), "run the same command to go on") {
		t.Errorf("it says %q", &stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "yellow_tripdata_2015-01.parquet")); err == nil {
		t.Error("half a file has the whole one's name")
	}
	if _, err := os.Stat(filepath.Join(dir, "yellow_tripdata_2015-01.parquet.part")); err != nil {
		t.Errorf("what was there is gone: %v", err)
	}
}
