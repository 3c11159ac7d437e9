package app_test

import (
	"maps"
	"os"
	"testing"
	"time"

	embedded "taxistream/localstack/kinesis"
)

// Ensure a stream in trouble, for writers and readers at once, changes no byte of
// the results. A put whose answer was cut off is written again, so records may stand in
// the stream twice: then more are rejected, for the same reasons and as duplicates.
func TestStreamTrouble(t *testing.T) {
	source := generatedDay(t, 5000)
	trips := oracleRead(t, source)
	want, rejected := oracle(t, trips)
	for name, faults := range map[string]embedded.Faults{
		"Failing": {Seed: 1, Fail: 0.05, Unavailable: 0.05, FailEntries: 0.2},
		"AllOfIt": {Seed: 3, Fail: 0.03, Unavailable: 0.03, FailEntries: 0.1, Drop: 0.05, Delay: 0.1, MaxDelay: 20 * time.Millisecond},
	} {
		if name != "AllOfIt" && os.Getenv("TAXI_MATRIX") != "all" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 3)
			p, stop := w.processor("-parallelism", "2")
			if err := w.kinesis.SetFaults(faults); err != nil {
				t.Fatal(err)
			}
			_, produced := w.produce(source, "40000")
			if err := <-produced; err != nil {
				t.Fatal(err)
			}
			w.reaches(p, lastEvent(trips)+1)
			if err := w.kinesis.SetFaults(embedded.Faults{}); err != nil {
				t.Fatal(err)
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			if diff := diffLines([]byte(w.export()), want); diff != "" {
				t.Error(diff)
			}
			got := map[string]int{}
			for _, r := range w.rejects() {
				got[r.Reason]++
			}
			if faults.Drop == 0 && !maps.Equal(got, rejected) {
				t.Errorf("rejects %v, want %v", got, rejected)
			}
			for reason, n := range got {
				if n < rejected[reason] || rejected[reason] == 0 && reason != "duplicate" {
					t.Errorf("%d rejects of %s, want %d or more", n, reason, rejected[reason])
				}
			}
			t.Logf("%d trips stood in the stream again", got["duplicate"]-rejected["duplicate"])
		})
	}
}
