package s3

import (
	"testing"
	"time"
)

// Stall makes connections that give nothing count as broken after d.
func Stall(t *testing.T, d time.Duration) {
	before := stall
	t.Cleanup(func() { stall = before })
	stall = d
}
