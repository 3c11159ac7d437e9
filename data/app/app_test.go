package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taxistream/data/app"
	"taxistream/data/sort"
	"taxistream/internal/flags"
	"taxistream/internal/trip"
)

func run(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	return app.Main(context.Background(), args, &out, &errs), out.String(), errs.String()
}

func read(t *testing.T, source string) []trip.Trip {
	t.Helper()
	s, err := sort.Open(context.Background(), []string{source}, sort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var all []trip.Trip
	buf := make([]trip.Trip, 100)
	for {
		n, err := s.Next(buf)
		all = append(all, buf[:n]...)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

const csv = `pickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude,total_amount
2015-01-15 10:00:00,2015-01-15 10:20:00,-73.99,40.75,-73.78,40.64,52.8
2015-01-15 09:00:00,2015-01-15 09:10:00,-73.99,40.75,-73.98,40.76,
2015-01-15 09:00:00,2015-01-15 09:10:00,-73.99,40.75,-73.98,40.76,
never,2015-01-15 09:10:00,-73.99,40.75,-73.98,40.76,1
2015-01-15 11:00:00,2015-01-15 10:10:00,0,0,-73.98,40.76,1
`

// Ensure preparing changes no trip and no id, and describing counts what is there.
func TestPrepareAndDescribe(t *testing.T) {
	dir := t.TempDir()
	raw, prepared := filepath.Join(dir, "raw"), filepath.Join(dir, "prepared.zst")
	if err := os.WriteFile(raw, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out, errs := run("prepare", "-o", prepared, raw); status != 0 || !strings.Contains(out, "4 trips") || !strings.Contains(out, "raw:5: \"never,") {
		t.Fatalf("status %d, %q, %q", status, out, errs)
	}
	want := read(t, raw)
	if got := read(t, prepared); !slices.Equal(got, want) || len(got) != 4 {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	again := filepath.Join(dir, "again.zst")
	if status, _, errs := run("prepare", "-o", again, prepared); status != 0 {
		t.Fatal(errs)
	}
	if got := read(t, again); !slices.Equal(got, want) {
		t.Error("preparing twice changes the trips")
	}
	status, out, errs := run("describe", raw, prepared)
	if status != 0 || errs != "" {
		t.Fatalf("status %d, %q", status, errs)
	}
	for _, line := range []string{"TLC CSV with coordinates, compression none: 5 rows, 4 trips, 1 bad", "prepared, compression zstd: 4 rows", "8 trips", "outside_city       2 (25.00 %)", "to JFK 2"} {
		if !strings.Contains(out, line) {
			t.Errorf("describe lacks %q:\n%s", line, out)
		}
	}
}

// Ensure a generated file is what the source of its name gives, and the seed counts.
func TestGenerate(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.zst")
	if status, _, errs := run("generate", "-o", file, "-trips", "500", "2016-01-05"); status != 0 {
		t.Fatal(errs)
	}
	first := read(t, file)
	if status, _, errs := run("generate", "-o", file, "-trips", "500", "-seed", "2", "2016-01-05"); status != 0 {
		t.Fatal(errs)
	}
	if second := read(t, file); len(first) < 300 || slices.Equal(first, second) {
		t.Errorf("%d trips; the seed changes nothing: %v", len(first), slices.Equal(first, second))
	}
}

func TestWrongUsage(t *testing.T) {
	for _, c := range []struct {
		args  string
		code  int
		holds string
	}{
		{"", 2, "see -h"},
		{"dance", 2, "unknown verb"},
		{"genarate", 2, "did you mean generate?"},
		{"describe", 2, "name a file"},
		{"describe none.csv", 1, "none.csv: no such file"},
		{"prepare none.csv", 2, "flag -o is needed"},
		{"generate -o x yesterday", 2, "yesterday"},
		{"generate -o x -trips 0 -seed -1 2016-01-05", 2, "-seed -1"},
		{"fetch 2015", 2, "name one month"},
		{"fetch -color red 2015-01", 2, "choose yellow or green"},
	} {
		status, out, errs := run(strings.Fields(c.args)...)
		if status != c.code || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, c.holds) {
			t.Errorf("data %s: status %d, %q, %q; want %d and one line with %q", c.args, status, out, errs, c.code, c.holds)
		}
	}
	for _, verb := range []string{"describe", "prepare", "generate", "fetch"} {
		if status, out, errs := run(verb, "-h"); status != 0 || out == "" || errs != "" {
			t.Errorf("data %s -h: status %d, %q", verb, status, errs)
		}
		if status, out, errs := run(verb, "-version"); status != 0 || out != flags.Version("data")+"\n" || errs != "" {
			t.Errorf("data %s -version: status %d, %q, %q", verb, status, out, errs)
		}
	}
}

// Ensure a download goes on where it broke, in one run and over two, and begins
// anew when the file has changed meanwhile.
func TestFetch(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 100_000)
	etag := `"one"`
	breaks := 3
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/yellow_tripdata_2015-01.parquet" {
			http.NotFound(w, r)
			return
		}
		from := 0
		if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); n == 1 && r.Header.Get("If-Range") == etag {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)-from))
			w.WriteHeader(http.StatusPartialContent)
		} else {
			from = 0
			w.Header().Set("ETag", etag)
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		}
		if breaks > 0 {
			breaks--
			w.Write(content[from : from+(len(content)-from)/2])
			panic(http.ErrAbortHandler)
		}
		w.Write(content[from:])
	}))
	defer server.Close()
	check := func(dir string) {
		t.Helper()
		status, out, errs := run("fetch", "-dir", dir, "-base", server.URL, "2015-01")
		if status != 0 {
			t.Fatalf("status %d, %q, %q", status, out, errs)
		}
		got, err := os.ReadFile(filepath.Join(dir, "yellow_tripdata_2015-01.parquet"))
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes, want %d: %v", len(got), len(content), err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	check(t.TempDir())
	t.Run("Changed", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "yellow_tripdata_2015-01.parquet.part"), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "yellow_tripdata_2015-01.parquet.etag"), []byte(`"old"`), 0o600); err != nil {
			t.Fatal(err)
		}
		check(dir)
		if _, out, _ := run("fetch", "-dir", dir, "-base", server.URL, "2015-01"); !strings.Contains(out, "is there already") {
			t.Errorf("got %q", out)
		}
	})
	if status, _, errs := run("fetch", "-dir", t.TempDir(), "-base", server.URL, "2015-02"); status != 1 || !strings.Contains(errs, "not published there") {
		t.Errorf("status %d, %q", status, errs)
	}
}
