package app_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	embedded "taxistream/localstack/kinesis"
)

// Ensure a backfill over live results adds the trips that were late, and changes nothing else.
func TestBackfill_OverLiveResults(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, `{"type":"watermark","watermark":"2016-01-05T13:30:00.000Z"}`, tripTwo, dayEnds)
	p, wait := s.start("-hotspot-min", "1")
	s.reads(p)
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	if n, late := s.pickups(), s.documents("taxi_rejects"); n != 1 || late == 0 {
		t.Fatalf("%d pickups, %d rejects", n, late)
	}
	file := filepath.Join(t.TempDir(), "trips.json")
	if err := os.WriteFile(file, []byte(tripOne+"\n"+tripTwo+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if status, _, stderr := main("backfill", "-quiet", "-source", file, "-opensearch-endpoint", s.searchAt, "-hotspot-min", "1"); status != 0 {
			t.Fatalf("status %d: %s", status, stderr)
		}
		if n := s.pickups(); n != 2 {
			t.Fatalf("%d pickups, want 2", n)
		}
	}
	if status, _, stderr := main("backfill", "-quiet", "-source", file, "-opensearch-endpoint", s.searchAt); status != 1 {
		t.Fatalf("other rules: status %d: %s", status, stderr)
	}
}

// trip14 is a trip of a later hour, which moves the clock of -event-time bounded.
var trip14 = strings.NewReplacer(`"trip_id":1`, `"trip_id":4`, `T12:`, `T14:`).Replace(tripOne)

// Ensure the same over results of -event-time bounded, whose event time is the trips' own.
func TestBackfill_OverBoundedResults(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, trip14, tripTwo)
	_, wait := s.start("-hotspot-min", "1", "-event-time", "bounded=1m")
	until(t, "the first window is written", func() bool { return s.pickups() == 1 && s.documents("taxi_rejects") > 0 })
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "trips.json")
	if err := os.WriteFile(file, []byte(tripOne+"\n"+trip14+"\n"+tripTwo+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if status, _, stderr := main("backfill", "-quiet", "-source", file, "-opensearch-endpoint", s.searchAt, "-hotspot-min", "1"); status != 0 {
			t.Fatalf("status %d: %s", status, stderr)
		}
		if n := s.pickups(); n != 3 {
			t.Fatalf("%d pickups, want 3", n)
		}
	}
}

// Ensure results whose windows are not of the trips' own times are left alone.
func TestBackfill_OverOtherTimes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trips.json")
	if err := os.WriteFile(file, []byte(tripOne+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"arrival", "none"} {
		s := newServers(t, embedded.Options{})
		_, wait := s.start("-hotspot-min", "1", "-event-time", mode)
		until(t, "its templates are there", func() bool {
			status, _ := get(t, s.searchAt+"/_index_template/pickup_count", "")
			return status == http.StatusOK
		})
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		status, _, stderr := main("backfill", "-quiet", "-source", file, "-opensearch-endpoint", s.searchAt, "-hotspot-min", "1")
		if status != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "-event-time "+mode) {
			t.Errorf("%s: status %d: %s", mode, status, stderr)
		}
	}
}

// Ensure event lines count as on the stream, that what it would reject is counted as malformed, and that the progress
// of a backfill belongs to its files as they were.
func TestBackfill_Events(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "events", "event_date=2016-01-05")
	file, export, progress := filepath.Join(archive, "1.json"), filepath.Join(dir, "out"), filepath.Join(dir, "progress")
	if err := os.MkdirAll(archive, 0o700); err != nil {
		t.Fatal(err)
	}
	local := strings.ReplaceAll(tripTwo, "00Z", "00")
	if err := os.WriteFile(file, []byte(tripOne+"\n\n"+local+"\n"+dayEnds+"\n"+tripOne+"\n"+`{"type":"trip"`+"\n"+outside+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"backfill", "-quiet", "-source", filepath.Join(dir, "events"), "-export", export, "-progress", progress, "-hotspot-min", "1"}
	for range 2 {
		status, stdout, stderr := main(args...)
		if want := "rejected    2 malformed, 1 outside_city, 1 duplicate\n"; status != 0 || !strings.Contains(stdout, want) || !strings.Contains(stdout, "trips       3\n") {
			t.Fatalf("status %d: %s%s", status, stdout, stderr)
		}
	}
	text, err := os.ReadFile(export)
	if err != nil || strings.Count(string(text), "\n") != 2 || !strings.Contains(string(text), `"pickup_count":1,`) {
		t.Errorf("%v: %s", err, text)
	}
	if err := os.WriteFile(filepath.Join(archive, "2.json"), []byte(tripTwo+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := main(args...); status != 1 || !strings.Contains(stderr, "the files of -source are not those of the first start") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("a file more: status %d: %s", status, stderr)
	}
}

// Ensure a backfill that is done again has the same files in -also, to the byte, and nothing is pending there.
func TestBackfill_Also(t *testing.T) {
	dir := t.TempDir()
	source, place := filepath.Join(dir, "trips.json"), filepath.Join(dir, "also")
	if err := os.WriteFile(source, []byte(tripOne+"\n"+trip14+"\n"+tripTwo+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var first map[string]string
	for range 2 {
		status, _, stderr := main("backfill", "-quiet", "-source", source, "-export", filepath.Join(dir, "out"), "-also", "file://"+place, "-hotspot-min", "1")
		if status != 0 {
			t.Fatalf("status %d: %s", status, stderr)
		}
		all := map[string]string{}
		if err := filepath.WalkDir(place, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				var text []byte
				text, err = os.ReadFile(path)
				all[path] = string(text)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = all
		}
		if len(all) != 4 || !maps.Equal(all, first) {
			t.Errorf("%d files: %v, first %v", len(all), all, first)
		}
		if owners, err := os.ReadDir(filepath.Join(place, ".pending")); err != nil || len(owners) != 0 {
			t.Errorf("pending are %v, %v", owners, err)
		}
	}
}
