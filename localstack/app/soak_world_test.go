//go:build soak

package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"taxistream/localstack/search"
)

// The measurements of `make soak` over the whole pipeline: the programs as processes, the embedded
// servers in the test. Times are those of this machine, so they are printed and nothing
// depends on them; what can be counted must be right.

// lateness makes the processor keep the ids of all trips, and all windows.
const lateness = "240h"

// soaked is eight shards, a bucket, and when each pickup count was first written.
type soaked struct {
	*world
	sources []string // all that was produced, as flags
	mu      sync.Mutex
	first   map[string]time.Time // pickup counts by id; nil: nobody asks
}

func newSoaked(t *testing.T) *soaked {
	t.Helper()
	s := &soaked{world: newWorld(t, 8)}
	inBucket(t)
	s.search.SetFault(onBulk(func(int64, *http.Request) *search.Fault {
		return &search.Fault{Item: func(index, id string) (int, string, string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if _, there := s.first[id]; s.first != nil && !there && strings.HasPrefix(index, "pickup_count-") {
				s.first[id] = time.Now()
			}
			return 0, "", ""
		}}
	}))
	return s
}

// produces starts a producer.
func (s *soaked) produces(args ...string) *process {
	s.t.Helper()
	for i, a := range args {
		if a == "-source" || a == "-until" {
			s.sources = append(s.sources, a, args[i+1])
		}
	}
	return start(s.t, "producer", append([]string{"-endpoint", s.kinesisAt, "-quiet"}, args...)...)
}

func (s *soaked) ends(p *process, limit time.Duration) {
	s.t.Helper()
	if code := p.WaitExit(limit); code != 0 {
		s.t.Fatalf("%s: status %d: %s", base(p.Path), code, p.Errors())
	}
}

// processes starts a processor.
func (s *soaked) processes(args ...string) *process {
	s.t.Helper()
	return start(s.t, "processor", append([]string{
		"-endpoint", s.kinesisAt, "-opensearch-endpoint", s.searchAt, "-listen", "127.0.0.1:0", "-log-format", "json",
	}, args...)...)
}

// figure waits for a metric to reach a value.
func (s *soaked) figure(url, name string, least float64) {
	s.t.Helper()
	waitFor(s.t, name, func() bool { v, ok := metric(url, name); return ok && v >= least })
}

// shardsRead counts the shards of which a processor has taken records in since its start.
func shardsRead(url string) (n int) {
	for shard := range 8 {
		if v, _ := metric(url, `taxistream_shard_records_total{job_name="taxi-trips",shard="shardId-00000000000`+strconv.Itoa(shard)+`"}`); v > 0 {
			n++
		}
	}
	return n
}

// wants compares the documents with those that a backfill computes from the same trips.
func (s *soaked) wants(p *process, flags ...string) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "backfill.ndjson")
	s.ends(start(s.t, "processor", slices.Concat([]string{"backfill", "-export", file, "-quiet"}, s.sources, flags)...), 10*time.Minute)
	want, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	stopAndCompare(s.t, p, s.searchAt, want)
	s.t.Logf("%d documents, equal to those of a backfill", strings.Count(string(want), "\n"))
}

// kill is SIGKILL.
func (s *soaked) kill(p *process) {
	s.t.Helper()
	if err := p.Process.Signal(syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
	p.WaitExit(10 * time.Second)
}

// resident is the memory of a process in bytes.
func resident(t *testing.T, p *process) (bytes int64) {
	t.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(p.Process.Pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}
