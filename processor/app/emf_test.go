package app_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"taxistream/internal/names"
	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/app"
)

// Ensure -emf puts every figure on standard output in place of the status: at the
// start, and at the end what came since, rejects by reason.
func TestMain_EMF(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, tripTwo, tripOne, "no json", dayEnds)
	var stdout, stderr buffer
	status := make(chan int)
	go func() {
		status <- app.Main(context.Background(), s.args("-log-format", "json", "-emf", "Taxi/Stream"), &stdout, &stderr)
	}()
	address := regexp.MustCompile(`"address":"(http[^"]*)"`)
	until(t, "the log tells the address", func() bool { return address.MatchString(stderr.String()) })
	url := address.FindStringSubmatch(stderr.String())[1]
	until(t, "all is read and in a checkpoint", func() bool {
		_, metrics := get(t, url+"/metrics", "")
		return strings.Contains(metrics, `taxistream_shard_records_total{job_name="taxi-trips",shard="shardId-000000000000"} 5`) &&
			strings.Contains(metrics, `taxistream_shard_records_total{job_name="taxi-trips",shard="shardId-000000000001"} 5`)
	})
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := <-status; got != 0 {
		t.Fatalf("status %d:\n%s", got, stderr.String())
	}
	sums := map[string]float64{}
	for text := range strings.Lines(stdout.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if line["program"] != "processor" || !strings.Contains(text, `"Namespace":"Taxi/Stream"`) {
			t.Errorf("no dimension or namespace: %s", text)
		}
		reason, _ := line["reason"].(string)
		for name, v := range line {
			if n, number := v.(float64); number {
				sums[strings.TrimSuffix(name+" "+reason, " ")] += n
			}
		}
	}
	for name, want := range map[string]float64{
		"starts": 1, "shard_records": 10, "records_rejected": 6, "records_rejected malformed": 2,
		"records_rejected duplicate": 4, "records_rejected unwritable": 0, "bulk_rejections": 0, "checkpoints_failed": 0,
	} {
		if got, there := sums[name]; got != want || !there {
			t.Errorf("%s is %v in all, want %v:\n%s", name, got, want, stdout.String())
		}
	}
	for _, reason := range names.Reasons() {
		if _, there := sums["records_rejected "+reason]; !there {
			t.Errorf("no rejects of reason %s", reason)
		}
	}
	for _, name := range []string{"documents_written", "checkpoints_completed", "bulk_requests", "arrival_to_document_seconds"} {
		if sums[name] == 0 {
			t.Errorf("%s is 0", name)
		}
	}
}

// Ensure /metrics has each figure that CloudWatch gets.
func TestCloudWatchFigures(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, tripTwo, dayEnds)
	p, wait := s.start()
	until(t, "/metrics has every figure", func() bool {
		_, body := get(t, p.URL()+"/metrics", "")
		for _, f := range app.CloudWatchFigures() {
			if !strings.Contains(body, "\n"+names.MetricPrefix+f.Metric+"{") &&
				!strings.Contains(body, "\n"+names.MetricPrefix+f.Metric+"_count{") {
				return false
			}
		}
		return true
	})
	if err := wait(); err != nil {
		t.Fatal(err)
	}
}
