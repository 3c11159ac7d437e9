package app

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"taxistream/internal/names"
	local "taxistream/localstack/kinesis"
)

// Ensure -emf puts every figure on standard output in place of the lines of
// figures: at the start, and at the end what came since; then the summary.
func TestMain_EMF(t *testing.T) {
	_, url := serve(t, local.Options{})
	var stdout, stderr bytes.Buffer
	args := []string{"-endpoint", url, "-stream", "taxi", "-speedup", "0", "-source", file(t, rides(60, 1000)), "-emf", "TaxiStream"}
	if status := Main(t.Context(), args, &stdout, &stderr); status != 0 {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	sums, lines := map[string]float64{}, 0
	for text := range strings.Lines(stdout.String()) {
		if !strings.HasPrefix(text, "{") {
			continue
		}
		lines++
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil || line["program"] != "producer" || !strings.Contains(text, `"Namespace":"TaxiStream"`) {
			t.Fatalf("%v: %s", err, text)
		}
		for name, v := range line {
			if n, number := v.(float64); number {
				sums[name] += n
			}
		}
	}
	for name, want := range map[string]float64{"starts": 1, "trips_read": 60, "trips_sent": 60, "trips_outstanding": 0, "trips_unwritable": 0} {
		if sums[name] != want {
			t.Errorf("%s is %v, want %v", name, sums[name], want)
		}
	}
	for _, f := range CloudWatchFigures() {
		if _, there := sums[names.CloudWatch(f.Metric)]; !there {
			t.Errorf("%s is not written", f.Metric)
		}
	}
	if lines != 2 || strings.Contains(stdout.String(), "statistics ") || !strings.Contains(stdout.String(), "\nsent ") {
		t.Errorf("%d lines, want 2 and the summary:\n%s", lines, stdout.String())
	}
}

// Ensure a namespace that CloudWatch would drop is wrong usage.
func TestMain_EMF_Namespace(t *testing.T) {
	var stdout, stderr bytes.Buffer
	status := Main(t.Context(), []string{"-source", os.DevNull, "-emf", "a b"}, &stdout, &stderr)
	if status != 2 || !strings.Contains(stderr.String(), `-emf: namespace "a b"`) {
		t.Errorf("status %d: %s", status, stderr.String())
	}
}
