package app_test

import (
	"os"
	"path/filepath"
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
