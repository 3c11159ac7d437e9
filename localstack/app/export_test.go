package app_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taxistream/localstack/app"
	"taxistream/localstack/search"
)

// Ensure an export that is given the processor's address holds what was on the
// stream when it began, however slow the results store is, and says what is still open.
func TestExportWaitsForTheProcessor(t *testing.T) {
	w := newWorld(t, 4)
	w.search.SetFault(func(r *http.Request) *search.Fault {
		if strings.HasSuffix(r.URL.Path, "/_bulk") {
			return &search.Fault{Delay: 20 * time.Millisecond}
		}
		return nil
	})
	p, _ := w.processor("-checkpoint-interval", "1h")
	file := filepath.Join(t.TempDir(), "export.ndjson")
	args := []string{"export", "-opensearch-endpoint", w.searchAt, "-address", strings.TrimPrefix(p.URL(), "http://"), "-export", file}
	at := time.Date(2016, 1, 5, 12, 5, 0, 0, time.UTC)
	const rounds = 7
	for round := range rounds {
		for i := range 2 {
			w.put(i, fmt.Sprintf(goodTrip, 2*round+i+1, at.Format(time.RFC3339)))
		}
		at = at.Add(10 * time.Minute)
		for shard := range 4 {
			w.put(shard, fmt.Sprintf(watermark, at.Add(-time.Minute).Format(time.RFC3339)))
		}
		status, stdout, stderr := program(app.Main)(context.Background(), args)
		if status != 0 {
			t.Fatalf("status %d: %s", status, stderr)
		}
		export, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(export), `{"_index":"pickup_count"`); n != round+1 {
			t.Fatalf("%d windows of pickups, want %d; %s", n, round+1, stdout)
		}
		// The hour's last trip comes at its 55th minute: then nothing is open.
		if open := strings.Contains(stderr, "not closed"); open != (round%6 != 5) {
			t.Errorf("round %d: it says %q", round, stderr)
		}
	}
}

// Ensure an export of nothing is a failure, that leaves the file of before as it
// was, and so is one that waits for a processor that is not there.
func TestExportOfNothing(t *testing.T) {
	w := newWorld(t, 1)
	file := filepath.Join(t.TempDir(), "export.ndjson")
	if err := os.WriteFile(file, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"NoTemplates": {[]string{"-export", file}, "hold no document"},
		"Stdout":      {[]string{"-export", "-"}, "hold no document"},
		"NoProcessor": {[]string{"-export", file, "-address", "127.0.0.1:1"}, "is it running with -listen 127.0.0.1:1?"},
		"NoAddress":   {[]string{"-export", file, "-address", "nowhere here"}, "write host:port"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := program(app.Main)(context.Background(), append([]string{"export", "-opensearch-endpoint", w.searchAt}, c.args...))
			if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.want) {
				t.Errorf("status %d, stdout %q, stderr %q, want one line with %q", status, stdout, stderr, c.want)
			}
			if text, err := os.ReadFile(file); string(text) != "before" {
				t.Errorf("the file holds %q, %v", text, err)
			}
		})
	}
}

// Ensure a demo whose trips give no document fails where an export was asked for.
func TestDemoWithoutDocuments(t *testing.T) {
	source := filepath.Join(t.TempDir(), "one.json")
	lonely := strings.Replace(fmt.Sprintf(goodTrip, 1, "2016-01-05T12:30:00.000Z"), "40.65,", "40.7,", 1) // no second pickup, no airport
	if err := os.WriteFile(source, []byte(lonely+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "export.ndjson")
	args := []string{"demo", "-exit-when-done", "-quiet", "-speedup", "0", "-listen", "127.0.0.1:0", "-source", source}
	if status, _, stderr := program(app.Main)(context.Background(), args); status != 0 {
		t.Errorf("without -export: status %d, %s", status, stderr)
	}
	status, _, stderr := program(app.Main)(context.Background(), append(args, "-export", file))
	if status != 1 || !strings.Contains(stderr, "hold no document") {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("a file is there: %v", err)
	}
}
