package app_test

import (
	"testing"

	"taxistream/internal/kinesis/wire"
)

// Ensure the documents are the oracle's with the fast path to Kinesis and without it.
func TestBothWires(t *testing.T) {
	source := generatedDay(t, 3000)
	want, _ := oracle(t, oracleRead(t, source))
	for name, stock := range map[string]string{"Fast": "", "Stock": "1"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(wire.Switch, stock)
			got, _ := demo(t, source)
			if diff := diffLines(got, want); diff != "" {
				t.Error(diff)
			}
		})
	}
}
