package awsconf

import (
	"testing"
	"time"
)

// Within sets how long credentials are waited for, for one test.
func Within(t *testing.T, d time.Duration) {
	report, dummy := reportWithin, dummyWithin
	t.Cleanup(func() { reportWithin, dummyWithin = report, dummy })
	reportWithin, dummyWithin = d, d
}
