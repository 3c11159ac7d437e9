package telemetry_test

import (
	"encoding/json"
	"slices"
	"testing"
)

// checkSpecification holds a line against the rules of CloudWatch's user guide,
// "Specification: Embedded metric format", and the limits of a log event.
func checkSpecification(t *testing.T, text string, line map[string]any) {
	t.Helper()
	var meta struct {
		AWS struct {
			Timestamp         *int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct {
					Name, Unit        string
					StorageResolution int
				}
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal([]byte(text), &meta); err != nil {
		t.Fatal(err)
	}
	if len(text) > 1<<20-26 {
		t.Errorf("%d bytes: an event of CloudWatch Logs has 1 MiB with its overhead of 26", len(text))
	}
	if meta.AWS.Timestamp == nil || *meta.AWS.Timestamp != at.UnixMilli() || len(meta.AWS.CloudWatchMetrics) == 0 {
		t.Fatalf("no time or no directive: %s", text)
	}
	for _, d := range meta.AWS.CloudWatchMetrics {
		if n := len(d.Namespace); n < 1 || n > 255 {
			t.Errorf("namespace of %d characters", n)
		}
		if len(d.Dimensions) == 0 {
			t.Error("no set of dimensions")
		}
		for _, set := range d.Dimensions {
			if len(set) > 30 {
				t.Errorf("%d dimensions in a set, 30 are allowed", len(set))
			}
			for _, key := range set {
				value, _ := line[key].(string)
				if len(key) < 1 || len(key) > 250 || len(value) < 1 || len(value) > 1024 {
					t.Errorf("dimension %q has the value %q", key, value)
				}
			}
		}
		if n := len(d.Metrics); n < 1 || n > 100 {
			t.Errorf("%d metrics in a directive, 1 to 100 are allowed", n)
		}
		for _, m := range d.Metrics {
			if _, number := line[m.Name].(float64); !number || len(m.Name) > 255 {
				t.Errorf("metric %q is %v, want a number", m.Name, line[m.Name])
			}
			if !slices.Contains([]string{"Count", "Seconds", "Bytes", "None"}, m.Unit) || !slices.Contains([]int{0, 1, 60}, m.StorageResolution) {
				t.Errorf("metric %q has the unit %q", m.Name, m.Unit)
			}
		}
	}
}
