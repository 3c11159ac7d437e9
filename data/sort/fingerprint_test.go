package sort_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taxistream/data/sort"
	"taxistream/data/trips"
	"taxistream/internal/awsconf"
	"taxistream/internal/s3"
	embedded "taxistream/localstack/s3"
)

// Ensure a stream's fingerprint is the same until a source is another: by size, by time of change, by ETag, by
// a file more; whatever kind of place it lies in.
func TestStream_Fingerprint(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.csv")
	text, err := os.ReadFile(write(t, "a.csv", rows(20)))
	if err != nil {
		t.Fatal(err)
	}
	store := &embedded.Server{}
	store.CreateBucket("taxi")
	store.Set("taxi", "b/1.csv", text)
	at, err := store.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	etag := `"1"`
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(text)))
	}))
	defer web.Close()
	put := func(name string, text []byte, changed time.Time) {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	put(file, text, time.Unix(1, 0))
	days := "generate:2016-01-05"
	fingerprint := func() string {
		t.Helper()
		s, err := sort.Open(t.Context(), []string{dir, "s3://taxi/b/", web.URL + "/c.csv?key=secret", days}, sort.Options{Places: trips.Places{S3: func(ctx context.Context) (*s3.Client, error) {
			cfg, err := awsconf.Load(ctx, awsconf.Options{Endpoint: at})
			return s3.New(cfg), err
		}}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return s.Fingerprint()
	}
	first := fingerprint()
	if again := fingerprint(); again != first {
		t.Fatalf("%s, then %s", first, again)
	}
	seen := map[string]string{first: "none"}
	for _, c := range []struct {
		what   string
		change func()
	}{
		{"Size", func() { put(file, append(text, text[len(text)/2:]...), time.Unix(1, 0)) }},
		{"Time", func() { put(file, text, time.Unix(1, 1000)) }},
		{"FileMore", func() { put(filepath.Join(dir, "b.csv"), text, time.Unix(1, 0)) }},
		{"Object", func() { store.Set("taxi", "b/1.csv", append(text[:len(text)-2:len(text)-2], "9\n"...)) }},
		{"ETag", func() { etag = `"2"` }},
		{"Days", func() { days = "generate:2016-01-05/2" }},
	} {
		c.change()
		got := fingerprint()
		if before := seen[got]; before != "" {
			t.Errorf("%s: it is that of %s", c.what, before)
		}
		seen[got] = c.what
	}
}
