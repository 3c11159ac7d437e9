package app_test

import (
	"bytes"
	"testing"
)

// Ensure the pipeline's documents of each real trip file are the oracle's, byte for byte.
func TestDocumentsOfRealTrips(t *testing.T) {
	files := realFiles(t)
	if len(files) == 0 {
		t.Log("no real trips here: TestMatrix holds generated days against the oracle")
	}
	if testing.Short() {
		files = files[:1]
	}
	for _, file := range files {
		t.Run(base(file), func(t *testing.T) {
			t.Parallel()
			want, _ := oracle(t, oracleRead(t, file))
			got, _ := demo(t, file)
			if diff := diffLines(got, want); diff != "" {
				t.Fatal(diff)
			}
			if len(want) == 0 || bytes.Count(want, []byte("\n")) < 10 {
				t.Fatalf("only %d bytes were compared", len(want))
			}
		})
	}
}
