package telemetry_test

import (
	"testing"
	"time"

	"taxistream/internal/telemetry"
)

// Ensure the mean is that of what came since it was asked for last, and not known
// when nothing did.
func TestHistogramMean(t *testing.T) {
	h := telemetry.NewHistogram("test_seconds", "A test's.")
	for _, c := range []struct {
		ms    []int
		want  float64
		known bool
	}{{}, {[]int{100, 300}, 0.2, true}, {}, {[]int{50}, 0.05, true}} {
		for _, ms := range c.ms {
			h.Observe(time.Duration(ms) * time.Millisecond)
		}
		if got, known := h.Mean(); got != c.want || known != c.known {
			t.Errorf("of %v ms: got %v, %t, want %v, %t", c.ms, got, known, c.want, c.known)
		}
	}
}
