package telemetry_test

import (
	"strings"
	"testing"

	"taxistream/internal/telemetry"
)

// Ensure a terminal sees the lines in place, and anything else one line a call.
func TestBlock(t *testing.T) {
	var out strings.Builder
	b := telemetry.Block{Out: &out, Terminal: true}
	b.Draw([]string{"a", "b"})
	b.Draw([]string{"c", "d"})
	b.Keep()
	b.Draw([]string{"e"})
	if want := "\x1b[2Ka\n\x1b[2Kb\n\x1b[2A\x1b[2Kc\n\x1b[2Kd\n\x1b[2Ke\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	out.Reset()
	b = telemetry.Block{Out: &out}
	b.Draw([]string{"a", "b"})
	b.Draw([]string{"c"})
	if out.String() != "a  b\nc\n" {
		t.Errorf("got %q", out.String())
	}
}

func TestGroup(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", 1234567: "1,234,567", -999: "-999"} {
		if got := telemetry.Group(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
