package names_test

import (
	"testing"

	"taxistream/internal/names"
)

// Ensure a metric's name in CloudWatch is its name without what only Prometheus needs.
func TestCloudWatch(t *testing.T) {
	for metric, want := range map[string]string{
		names.MetricRecordsRead:                       "num_shard_records",
		names.MetricPrefix + names.MetricRecordsRead:  "num_shard_records",
		names.MetricPrefix + names.MetricMillisBehind: "millis_behind_latest",
		"total_time_ms":                               "total_time_ms",
	} {
		if got := names.CloudWatch(metric); got != want {
			t.Errorf("%s: got %s, want %s", metric, got, want)
		}
	}
}
