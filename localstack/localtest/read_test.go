package localtest

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"
)

// Ensure the oracle itself reads the clock as the contract says.
func TestOracleClock(t *testing.T) {
	for text, want := range map[string]string{
		"2015-03-08 02:30:00":        "2015-03-08T07:30:00Z",
		"2015-11-01 01:30:00":        "2015-11-01T05:30:00Z",
		"2015-07-01 12:00:00":        "2015-07-01T16:00:00Z",
		"2015-01-15 15:33:26 +00:00": "2015-01-15T15:33:26Z",
	} {
		got, ok := parseClock(text)
		if !ok || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: got %v, want %s", text, got, want)
		}
	}
}

// Ensure the oracle reads each real file: the counts are those of the files' own description.
func TestOracleReads(t *testing.T) {
	dir := SharedData(t)
	if dir == "" {
		t.Log("no real trips here: nothing to read")
		return
	}
	for name, want := range map[string]int{
		"flink-rides-2013-01-01.csv.gz":   46450,
		"yellow-2015-01-15-sample.csv.gz": 9999,
		"green_tripdata_2013-08.csv.gz":   7623,
		"yellow-2009-01-sample.csv.gz":    498,
	} {
		if got := len(Read(t, filepath.Join(dir, name))); got != want {
			t.Errorf("%s: %d trips, want %d", name, got, want)
		}
	}
	for _, name := range []string{"green_tripdata_2025-11.parquet", "yellow-2018-2020/yellow_tripdata_sample_2019-04.csv.gz"} {
		trips := Read(t, filepath.Join(dir, name))
		export, rejected := Documents(t, trips)
		t.Logf("%s: %d trips, %d documents, rejected %v", name, len(trips), bytes.Count(export, []byte("\n")), rejected)
	}
}
