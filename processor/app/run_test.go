package app_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"taxistream/engine"
	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/search"
	"taxistream/processor/app"
)

// Ensure failures are status 1 and one line of plain text, whatever the log's format:
// what, where, what to do.
func TestMain_Failures(t *testing.T) {
	s := newServers(t, embedded.Options{})
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"NoStream":        {[]string{"-stream", "none"}, []string{"stream none does not exist", "`aws kinesis create-stream --stream-name none --shard-count 8`"}},
		"Endpoint":        {[]string{"-endpoint", "127.0.0.1:1"}, []string{"-endpoint", "http://host:port"}},
		"SearchEndpoint":  {[]string{"-opensearch-endpoint", "nowhere"}, []string{"nowhere", "http://host:port"}},
		"Sign":            {[]string{"-sign", "s3"}, []string{"choose es or aoss"}},
		"OutsideLoopback": {[]string{"-listen", "0.0.0.0:0"}, []string{"-listen 0.0.0.0:0", "-listen-token-file"}},
		"AnyAddress":      {[]string{"-listen", ":0"}, []string{"outside loopback"}},
		"NoTokenFile":     {[]string{"-listen", ":0", "-listen-token-file", file + "x"}, []string{"-listen-token-file", file + "x"}},
		"EmptyTokenFile":  {[]string{"-listen", ":0", "-listen-token-file", file}, []string{file, "is empty"}},
		"NoPort":          {[]string{"-listen", "127.0.0.1"}, []string{"-listen", "host:port"}},
		"CheckpointFile":  {[]string{"-checkpoint-dir", filepath.Join(file, "x")}, []string{file}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, format := range []string{"json", "text"} {
				status, stdout, stderr := main(s.args(append(c.args, "-log-format", format)...)...)
				if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "processor: ") {
					t.Errorf("status %d, stdout %q, stderr %q, want status 1 and one line", status, stdout, stderr)
				}
				for _, want := range c.want {
					if !strings.Contains(stderr, want) {
						t.Errorf("%q does not say %q", stderr, want)
					}
				}
			}
		})
	}
}

// Ensure templates of other rules under the prefix end the program in one line that
// names what differs, and that another prefix is the way out.
func TestMain_OtherRules(t *testing.T) {
	s := newServers(t, embedded.Options{})
	p, wait := s.start()
	until(t, "it reads", func() bool { return p.Status().State == engine.JobRunning })
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	for flag, differs := range map[string]string{
		"-hotspot-window=5m": "hotspot_window", "-max-duration=2h": "max_duration", "-hotspot-min=3": "hotspot_min", "-max-ahead=1h": "max_ahead",
		"-airport-resolution=7": "airport_resolution", "-event-time=arrival": "event_time", "-allowed-lateness=1": "allowed_lateness",
	} {
		s.dir = t.TempDir() // it is the index set that refuses, not a checkpoint
		status, _, stderr := main(s.args("-quiet", flag)...)
		if status != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, differs) || !strings.Contains(stderr, "index prefix") {
			t.Errorf("%s: status %d, %q, want %s named", flag, status, stderr, differs)
		}
	}
	s.dir = t.TempDir()
	p, wait = s.start("-hotspot-window=5m", "-index-prefix=b-")
	until(t, "it reads under another prefix", func() bool { return p.Status().State == engine.JobRunning })
	if err := wait(); err != nil {
		t.Fatal(err)
	}
}

// Ensure a stream in CREATING is waited for, and said so once.
func TestRun_WaitsForCreating(t *testing.T) {
	s := newServers(t, embedded.Options{CreateDelay: 700 * time.Millisecond})
	p, wait := s.start()
	until(t, "it reads", func() bool { return p.Status().State == engine.JobRunning })
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(s.log.String(), "is being created; waiting"); n != 1 {
		t.Errorf("said %d times that it waits:\n%s", n, s.log.String())
	}
}

// Ensure a stop while it waits for a service is an orderly end.
func TestRun_StoppedWhileWaiting(t *testing.T) {
	for name, what := range map[string]string{"Kinesis": "-endpoint", "OpenSearch": "-opensearch-endpoint"} {
		t.Run(name, func(t *testing.T) {
			s := newServers(t, embedded.Options{})
			_, wait := s.start(what, "http://127.0.0.1:1") // nobody serves the tcpmux port
			until(t, "it says that it waits", func() bool { return strings.Contains(s.log.String(), "level=WARN") })
			if err := wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Ensure SIGTERM ends the program with a last checkpoint and status 0, from which the
// next run goes on, and that its log tells where it listens.
func TestMain_Signal(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, dayEnds)
	for run := range 2 {
		var stdout, stderr buffer
		status := make(chan int, 1)
		go func() {
			status <- app.Main(context.Background(), s.args("-log-format", "json", "-checkpoint-interval", "1h"), &stdout, &stderr)
		}()
		address := regexp.MustCompile(`"address":"(http[^"]*)"`)
		until(t, "the log tells the address", func() bool { return address.MatchString(stderr.String()) })
		url := address.FindStringSubmatch(stderr.String())[1]
		until(t, "it is ready and has read all", func() bool {
			ready, _ := get(t, url+"/readyz", "")
			_, metrics := get(t, url+"/metrics", "")
			return ready == http.StatusOK && strings.Contains(metrics, `taxistream_shard_watermark_timestamp_seconds{job_name="taxi-trips",shard="shardId-000000000001"} 1.452038399999e+09`) &&
				strings.Contains(metrics, `taxistream_shard_watermark_timestamp_seconds{job_name="taxi-trips",shard="shardId-000000000000"} 1.452038399999e+09`)
		})
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if got := <-status; got != 0 || stdout.String() != "" {
			t.Fatalf("status %d, stdout %q:\n%s", got, stdout.String(), stderr.String())
		}
		if restored := strings.Contains(stderr.String(), "going on from a checkpoint"); restored != (run == 1) {
			t.Errorf("run %d: went on from a checkpoint: %v\n%s", run, restored, stderr.String())
		}
	}
}

// Ensure a document that OpenSearch refuses for good becomes a reject of reason
// unwritable, is counted, holds nothing up, and that a repeat lands on itself.
func TestRun_Unwritable(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.search.SetFault(refuse("pickup_count-"))
	s.put(tripOne, tripTwo, dayEnds)
	for range 2 {
		p, wait := s.start()
		s.reads(p)
		until(t, "the refused document is counted", func() bool { return p.Rejects()["unwritable"] == 1 })
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		if n := p.Documents().Poisoned; n != 1 {
			t.Errorf("%d documents counted as refused, want 1", n)
		}
		s.dir = t.TempDir() // all over again
	}
	if n := s.documents("pickup_count"); n != 0 {
		t.Errorf("%d pickup counts, want 0", n)
	}
	if n := s.documents("trip_duration"); n != 1 {
		t.Errorf("%d trip durations, want 1: the others are written", n)
	}
	_, body := get(t, s.searchAt+"/taxi_rejects-2016.01/_search", "") // the month of the documents
	for _, want := range []string{
		`"value":1,`, `"_id":"pickup_count-2016.01-1451997000000-600000-89`, `"reason":"unwritable"`,
		`"detail":"400 mapper_parsing_exception not today"`, `"timestamp":"2016-01-05T12:39:59.999Z"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s does not hold %s", body, want)
		}
	}
}

// refuse makes the store refuse the items of indexes that begin so, for good.
func refuse(prefixes ...string) search.FaultFunc {
	return func(r *http.Request) *search.Fault {
		if !search.IsBulk(r) {
			return nil
		}
		return &search.Fault{Item: func(index, _ string) (int, string, string) {
			for _, p := range prefixes {
				if strings.HasPrefix(index, p) {
					return http.StatusBadRequest, "mapper_parsing_exception", "not today"
				}
			}
			return 0, "", ""
		}}
	}
}

// Ensure a reject that is refused for good ends the processor, in one line that names
// it, and that the next run loses nothing.
func TestRun_RejectRefused(t *testing.T) {
	for name, prefix := range map[string]string{"Plain": "", "Prefixed": "b-"} {
		t.Run(name, func(t *testing.T) {
			s := newServers(t, embedded.Options{})
			s.search.SetFault(refuse(prefix + "taxi_rejects-"))
			s.put(outside, tripOne, tripTwo, dayEnds)
			status, _, stderr := main(s.args("-quiet", "-index-prefix", prefix)...)
			last := stderr[strings.LastIndex(strings.TrimSuffix(stderr, "\n"), "\n")+1:]
			if status != 1 || !strings.HasPrefix(last, "processor: ") || !strings.Contains(last, "refuses reject shardId-00000000000") ||
				!strings.Contains(last, "in "+prefix+"taxi_rejects-") || !strings.Contains(last, "mend the index") {
				t.Errorf("status %d, %q", status, stderr)
			}
			s.search.SetFault(nil)
			p, wait := s.start("-index-prefix", prefix)
			s.reads(p)
			if err := wait(); err != nil {
				t.Fatal(err)
			}
			if rejects, counts := s.documents(prefix+"taxi_rejects"), s.documents(prefix+"pickup_count"); rejects != 4 || counts != 1 {
				t.Errorf("%d rejects and %d pickup counts, want 4 and 1", rejects, counts)
			}
		})
	}
}
