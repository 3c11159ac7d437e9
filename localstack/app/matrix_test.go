package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// matrixSources are the rides and one sample, or a generated day of some
// thousand trips where there are no real ones.
func matrixSources(t *testing.T) []string {
	t.Helper()
	if dir := sharedData(t); dir != "" {
		return []string{filepath.Join(dir, "flink-rides-2013-01-01.csv.gz"), filepath.Join(dir, "yellow-2015-01-15-sample.csv.gz")}
	}
	t.Log("no real trips here: a generated day instead")
	return []string{generatedDay(t, 20000)}
}

// Ensure the number of shards, the parallelism and aggregation change no byte
// of the export. The corners are always tried; TAXI_MATRIX=all tries everything.
func TestMatrix(t *testing.T) {
	type corner struct {
		shards, parallelism int
		aggregate           bool
	}
	corners := []corner{{1, 1, true}, {32, 8, false}, {2, 8, true}, {8, 1, false}}
	if os.Getenv("TAXI_MATRIX") == "all" {
		corners = nil
		for _, shards := range []int{1, 2, 8, 32} {
			for _, parallelism := range []int{1, 2, 3, 8} {
				corners = append(corners, corner{shards, parallelism, true}, corner{shards, parallelism, false})
			}
		}
	}
	all := os.Getenv("TAXI_MATRIX") == "all"
	for i, source := range matrixSources(t) {
		corners := corners
		if i == 0 && !all && sharedData(t) != "" {
			corners = corners[2:3] // the rides are the larger source: one corner
		}
		want, rejected := oracle(t, oracleRead(t, source))
		t.Logf("%s: %d bytes of documents, the oracle rejects %v", base(source), len(want), rejected)
		for _, c := range corners {
			t.Run(fmt.Sprintf("%s/shards=%d/parallelism=%d/aggregate=%v", base(source), c.shards, c.parallelism, c.aggregate), func(t *testing.T) {
				t.Parallel()
				flags := []string{"-shards", strconv.Itoa(c.shards), "-parallelism", strconv.Itoa(c.parallelism), "-aggregate=" + strconv.FormatBool(c.aggregate)}
				var got []byte
				if i == 0 {
					got = demoProgram(t, source, flags...) // the larger source
				} else {
					got, _ = demo(t, source, flags...)
				}
				if diff := diffLines(got, want); diff != "" {
					t.Fatal(diff)
				}
			})
		}
	}
}
