package app_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
)

// Ensure the pipeline's documents of each real trip file are the oracle's, byte
// for byte. Of the 36 monthly samples of one form one is always tried, all with
// TAXI_MATRIX=all.
func TestDocumentsOfRealTrips(t *testing.T) {
	files := realFiles(t)
	if len(files) == 0 {
		t.Log("no real trips here: TestMatrix holds generated days against the oracle")
	}
	if os.Getenv("TAXI_MATRIX") != "all" {
		files = slices.DeleteFunc(files, func(name string) bool {
			return strings.Contains(name, "tripdata_sample") && !strings.Contains(name, "2019-04")
		})
	}
	for _, file := range files {
		t.Run(base(file), func(t *testing.T) {
			t.Parallel()
			want, _ := oracle(t, oracleRead(t, file))
			got := demoProgram(t, file)
			if diff := diffLines(got, want); diff != "" {
				t.Fatal(diff)
			}
			if len(want) == 0 || bytes.Count(want, []byte("\n")) < 10 {
				t.Fatalf("only %d bytes were compared", len(want))
			}
		})
	}
}
