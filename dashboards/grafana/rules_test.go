package grafana_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// rings are a made hour for each alert: what Prometheus has scraped each minute (its own notation:
// start+step x times), and the minute at which the alert fires. Before, and in the quiet series, it does not.
var rings = []struct {
	alert  string
	series map[string]string
	minute int
	quiet  map[string]string // what is like it, and does not ring; nil: the series without what is wrong are none
}{
	{"ProcessorDown", map[string]string{"up": "0x60"}, 10, map[string]string{"taxistream_behind_latest_seconds": "900x60"}},
	{"ProcessorRestarts", map[string]string{`process_start_time_seconds{job="processor"}`: "1 2 3 4x60"}, 3, map[string]string{`process_start_time_seconds{job="processor"}`: "1 2 3x60"}},
	{
		"ProcessorMemory",
		map[string]string{`process_resident_memory_bytes{job="processor"}`: "95x60", `go_gc_gomemlimit_bytes{job="processor"}`: "100x60"},
		15,
		map[string]string{`process_resident_memory_bytes{job="processor"}`: "89x60", `go_gc_gomemlimit_bytes{job="processor"}`: "100x60"},
	},
	{"ProcessorLag", map[string]string{`taxistream_behind_latest_seconds{shard="a"}`: "0x60", `taxistream_behind_latest_seconds{shard="b"}`: "301x60"}, 10, map[string]string{"taxistream_behind_latest_seconds": "300x60"}},
	{
		"ProcessorWatermark",
		map[string]string{"taxistream_watermark_stalled_seconds": "301x60", "taxistream_shard_records_total": "0+60x60"},
		6,
		map[string]string{"taxistream_watermark_stalled_seconds": "301x60", "taxistream_shard_records_total": "5x60"}, // nothing comes
	},
	{"StreamRetention", map[string]string{"taxistream_behind_latest_seconds": "43201x60"}, 0, map[string]string{"taxistream_behind_latest_seconds": "43200x60"}},
	{"StreamRecreated", map[string]string{"taxistream_stream_recreated": "1x60"}, 0, map[string]string{"taxistream_stream_recreated": "0x60"}},
	{"CheckpointsFailing", map[string]string{"taxistream_checkpoints_failed_total": "0 1 2 3x60"}, 2, map[string]string{"taxistream_checkpoints_failed_total": "0x10 1x50"}},
	{"CheckpointAge", map[string]string{"taxistream_last_checkpoint_age_seconds": "301x60"}, 1, map[string]string{"taxistream_last_checkpoint_age_seconds": "300x60"}},
	{"DeadLetters", map[string]string{`taxistream_records_rejected_total{reason="unwritable"}`: "0 1x60"}, 1, map[string]string{`taxistream_records_rejected_total{reason="late"}`: "0 1x60"}},
	{"MalformedRecords", map[string]string{`taxistream_records_rejected_total{reason="malformed"}`: "0 1x60"}, 1, map[string]string{`taxistream_records_rejected_total{reason="late"}`: "0 1x60"}},
	{
		"LateRecords",
		map[string]string{`taxistream_records_rejected_total{reason="late"}`: "0+1x60", `taxistream_records_rejected_total{reason="too_early"}`: "0+1x60", "taxistream_shard_records_total": "0+150x60"},
		1,
		map[string]string{`taxistream_records_rejected_total{reason="late"}`: "0+1x60", `taxistream_records_rejected_total{reason="duplicate"}`: "0+9x60", "taxistream_shard_records_total": "0+150x60"},
	},
	{"WrongWatermark", map[string]string{"taxistream_watermarks_refused_total": "0 1x60"}, 1, map[string]string{"taxistream_watermark_spread_seconds": "86401x60", "taxistream_behind_latest_seconds": "61x60"}},
	{"WrongWatermark", map[string]string{"taxistream_watermark_spread_seconds": "86401x60", "taxistream_behind_latest_seconds": "59x60"}, 0, map[string]string{"taxistream_watermark_spread_seconds": "86400x60", "taxistream_behind_latest_seconds": "59x60"}},
	{"BulkRejections", map[string]string{"taxistream_bulk_rejections_total": "0+1x60"}, 16, map[string]string{"taxistream_bulk_rejections_total": "0 1x60"}},
	{"StreamWritesThrottled", map[string]string{"taxistream_put_throttles_total": "0+1x60"}, 11, map[string]string{"taxistream_put_throttles_total": "0+1x5 5x55"}},
}

// Ensure Prometheus' own tool takes the rules, and that each alert rings at the minute that its made
// series ask for, not the minute before, and never over the quiet ones.
func TestGrafana_Rules(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("no promtool on this machine: it comes with Debian's package prometheus")
	}
	rules, err := filepath.Abs("alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check", "rules", rules}, {"check", "config", "prometheus.yaml"}} {
		if out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput(); err != nil || strings.Contains(string(out), "warning") {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	var file strings.Builder
	fmt.Fprintf(&file, "rule_files: [%q]\nevaluation_interval: 1m\ntests:\n", rules)
	tried := map[string]bool{}
	for _, r := range rings {
		tried[r.alert] = true
		made(&file, r.alert, r.series, map[int]bool{r.minute: true, r.minute - 1: false})
		made(&file, r.alert, r.quiet, map[int]bool{50: false})
	}
	for _, a := range alerts(t) {
		if !tried[a.Alert] {
			t.Errorf("%s never rings here", a.Alert)
		}
	}
	test := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(test, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), tool, "test", "rules", test).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// made writes a test of promtool: whether an alert fires at minutes of a made hour.
func made(file *strings.Builder, alert string, series map[string]string, fires map[int]bool) {
	fmt.Fprintf(file, "- name: %s\n  interval: 1m\n  input_series:\n", alert)
	for name, values := range series {
		fmt.Fprintf(file, "  - {series: %q, values: %q}\n", name, values)
	}
	fmt.Fprint(file, "  promql_expr_test:\n")
	for minute, fire := range fires {
		if minute < 0 {
			continue
		}
		samples := ""
		if fire {
			samples = "{labels: '{}', value: 1}"
		}
		fmt.Fprintf(file, "  - {expr: 'count(ALERTS{alertname=%q,alertstate=\"firing\"})', eval_time: %dm, exp_samples: [%s]}\n", alert, minute, samples)
	}
}
