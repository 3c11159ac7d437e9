package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taxistream/engine"
	"taxistream/internal/names"
	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/localtest"
)

// Ensure /healthz is alive and /readyz is not before the stream is read, and both are then.
func TestHTTP_Health(t *testing.T) {
	s := newServers(t, embedded.Options{})
	p, wait := s.start("-opensearch-endpoint", "http://127.0.0.1:1")
	until(t, "it says that it waits", func() bool { return strings.Contains(s.log.String(), "level=WARN") })
	if status, body := get(t, p.URL()+"/healthz", ""); status != http.StatusOK || body != "alive\n" {
		t.Errorf("/healthz while it waits: %d %q", status, body)
	}
	if status, body := get(t, p.URL()+"/readyz", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "not reading") {
		t.Errorf("/readyz while it waits: %d %q", status, body)
	}
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	s.dir = t.TempDir()
	p, wait = s.start()
	until(t, "it is ready", func() bool { status, _ := get(t, p.URL()+"/readyz", ""); return status == http.StatusOK })
	if err := wait(); err != nil {
		t.Fatal(err)
	}
}

// Ensure that with a token all is closed to those who have none, but for health,
// readiness and metrics.
func TestHTTP_Token(t *testing.T) {
	s := newServers(t, embedded.Options{})
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(" secret \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, _ := s.start("-listen", "127.0.0.1:0", "-listen-token-file", file)
	until(t, "it reads", func() bool { return p.Status().State == engine.JobRunning })
	for _, c := range []struct {
		path, token string
		open        bool
	}{
		{"/healthz", "", true},
		{"/metrics", "", true},
		{"/readyz", "", true},
		{"/", "", false},
		{"/", "wrong", false},
		{"/", "secret", true},
		{"/nothing", "", false},
		{"/metrics/x", "", false},
	} {
		status, body := get(t, p.URL()+c.path, c.token)
		if (status != http.StatusUnauthorized) != c.open {
			t.Errorf("%s with token %q: %d %.80q", c.path, c.token, status, body)
		}
	}
}

// Ensure the metrics are there under the contract's names, with its labels, and
// that their figures are right.
func TestHTTP_Metrics(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, outside, tripTwo, dayEnds, `{"type":"watermark","watermark":"2016-01-05T23:00:00Z"}`, `{"type":"ride"}`)
	p, _ := s.start()
	var body string
	figure := func(name string) string {
		m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(body)
		if m == nil {
			return "missing"
		}
		return m[1]
	}
	read := func() bool {
		_, body = get(t, p.URL()+"/metrics", "")
		return figure(`taxistream_shard_records_total{job_name="taxi-trips",shard="shardId-000000000000"}`) == "6" &&
			figure(`taxistream_shard_records_total{job_name="taxi-trips",shard="shardId-000000000001"}`) == "6" &&
			figure(`taxistream_windows_fired_total{job_name="taxi-trips",operator="airports",subtask="0"}`)+figure(`taxistream_windows_fired_total{job_name="taxi-trips",operator="airports",subtask="1"}`) != "00" &&
			figure(`taxistream_documents_written_total{job_name="taxi-trips"}`) == "8" && figure(`taxistream_last_checkpoint_id{job_name="taxi-trips"}`) != "0"
	}
	until(t, "all is read, written and in a checkpoint", read)
	for name, want := range map[string]string{
		`taxistream_records_rejected_total{job_name="taxi-trips",reason="outside_city"}`:                       "2",
		`taxistream_records_rejected_total{job_name="taxi-trips",reason="malformed"}`:                          "2",
		`taxistream_records_rejected_total{job_name="taxi-trips",reason="duplicate"}`:                          "2",
		`taxistream_records_rejected_total{job_name="taxi-trips",reason="late"}`:                               "0",
		`taxistream_records_rejected_total{job_name="taxi-trips",reason="unwritable"}`:                         "0",
		`taxistream_late_records_dropped_total{job_name="taxi-trips"}`:                                         "0",
		`taxistream_watermarks_ignored_total{job_name="taxi-trips",shard="shardId-000000000000"}`:              "1",
		`taxistream_behind_latest_seconds{job_name="taxi-trips",shard="shardId-000000000001"}`:                 "0",
		`taxistream_shard_watermark_timestamp_seconds{job_name="taxi-trips",shard="shardId-000000000001"}`:     "1.452038399999e+09",
		`taxistream_output_watermark_timestamp_seconds{job_name="taxi-trips",operator="hotspots",subtask="0"}`: "1.452038399999e+09",
		`taxistream_records_dropped_total{job_name="taxi-trips",operator="distinct",subtask="0"}`:              "0",
		`taxistream_checkpoints_failed_total{job_name="taxi-trips"}`:                                           "0",
		`taxistream_documents_refused_total{job_name="taxi-trips"}`:                                            "0",
		`taxistream_bulk_documents_queued{job_name="taxi-trips"}`:                                              "0",
	} {
		if got := figure(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for _, name := range []string{"records_in_total", "records_out_total", "last_checkpoint_duration_seconds", "last_checkpoint_size_bytes", "checkpoints_completed_total", "bulk_requests_total", "input_queue_usage_ratio", "state_entries", "bulk_documents_queued_limit", "bulk_request_documents_limit"} {
		if !strings.Contains(body, "\ntaxistream_"+name+"{") {
			t.Errorf("taxistream_%s is missing", name)
		}
	}
	for _, name := range []string{"get_request_seconds", "bulk_request_seconds", "bulk_request_bytes", "checkpoint_seconds", "arrival_to_document_seconds"} {
		if n := figure("taxistream_" + name + `_count{job_name="taxi-trips"}`); n == "0" || n == "missing" {
			t.Errorf("%s counts %s", name, n)
		}
	}
	// Every other metric is the producer's, or there with -also alone.
	others := regexp.MustCompile(`^(also_|trips_|put_|(records|bytes|watermarks)_sent_total$)`)
	for _, name := range names.Metrics() {
		if !others.MatchString(name) && !strings.Contains(body, "\n# HELP "+names.MetricPrefix+name+" ") {
			t.Errorf("%s%s is missing, or has no help", names.MetricPrefix, name)
		}
	}
	checkNames(t, body)
	localtest.CheckMetrics(t, body)
}

// checkNames holds each of our metrics to the contract's form: counters, and they
// alone, end in _total, and only its labels are used.
func checkNames(t *testing.T, body string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (taxistream_\S+) (\S+)$`).FindAllStringSubmatch(body, -1) {
		if (m[2] == "counter") != strings.HasSuffix(m[1], "_total") {
			t.Errorf("%s is a %s", m[1], m[2])
		}
		if !slices.Contains(names.Metrics(), strings.TrimPrefix(m[1], names.MetricPrefix)) {
			t.Errorf("%s is not in names.Metrics", m[1])
		}
	}
	labels := []string{"job_name", "operator", "subtask", "shard", "reason", "le", "version", "commit", "goversion"}
	for _, m := range regexp.MustCompile(`(?m)^taxistream_\w+\{([^}]*)\}`).FindAllStringSubmatch(body, -1) {
		for _, l := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(m[1], -1) {
			if !slices.Contains(labels, l[1]) {
				t.Errorf("%s: no label of the contract", m[0])
			}
		}
	}
}
