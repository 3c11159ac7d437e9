//go:build integration

package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/localstack/localtest"
)

// replay is one run of producer and processor as processes, from a trip file to
// the documents in an OpenSearch, under an index prefix of its own.
type replay struct {
	t         *testing.T
	source    string
	trips     []localtest.Trip
	want      []byte // the oracle's export
	rejected  map[string]int
	kinesis   string
	search    string // where the processor writes: the server itself or a proxy before it
	direct    string // the server itself
	prefix    string
	flags     []string // more flags of the processor
	producer  *localtest.Process
	processor *localtest.Process
}

// newReplay takes real trips, or generated ones where there are none.
func newReplay(t *testing.T, kinesis, search string) *replay {
	t.Helper()
	r := &replay{t: t, kinesis: kinesis, search: search, direct: search, prefix: fmt.Sprintf("%s-", lower(t.Name()))}
	if dir := localtest.SharedData(t); dir != "" {
		r.source = filepath.Join(dir, "yellow-2015-01-15-sample.csv.gz")
	} else {
		t.Log("no real trips here: a generated day instead")
		r.source = localtest.GeneratedDay(t, 10_000)
	}
	r.take(r.source)
	r.flags = []string{"-checkpoint-dir", t.TempDir()}
	return r
}

// take replays the trips of a file.
func (r *replay) take(file string) {
	r.source, r.trips = file, localtest.Read(r.t, file)
	r.want, r.rejected = localtest.Documents(r.t, r.trips)
}

func lower(name string) string {
	return string(bytes.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return '-'
	}, bytes.ToLower([]byte(name))))
}

// produce starts the producer at a speedup.
func (r *replay) produce(speedup string, more ...string) {
	r.producer = localtest.Start(r.t, "producer", append([]string{"-endpoint", r.kinesis, "-source", r.source, "-speedup", speedup, "-log-format", "json"}, more...)...)
}

// process starts the processor, again after a kill, and returns its address.
func (r *replay) process() string {
	args := []string{
		"-endpoint", r.kinesis, "-opensearch-endpoint", r.search, "-index-prefix", r.prefix, "-listen", "127.0.0.1:0",
		"-checkpoint-interval", "500ms", "-log-format", "json",
	}
	r.processor = localtest.Start(r.t, "processor", append(args, r.flags...)...)
	return r.processor.Address()
}

// records is how many trips and watermarks the processor has read.
func records(url string) float64 {
	n, _ := localtest.Metric(url, names.MetricPrefix+names.MetricRecordsRead)
	return n
}

// reads waits until the processor has read a share of the trips and has a checkpoint.
func (r *replay) reads(url string, share float64) {
	r.t.Helper()
	localtest.WaitFor(r.t, fmt.Sprintf("%.0f %% of the trips are read", 100*share), func() bool {
		checkpoints, _ := localtest.Metric(url, names.MetricPrefix+names.MetricCheckpoints)
		return records(url) >= share*float64(len(r.trips)) && checkpoints >= 1
	})
}

// finish waits for the end of the input, stops the processor in order and
// returns the export of the server itself.
func (r *replay) finish(url string) []byte {
	r.t.Helper()
	if code := r.producer.WaitExit(5 * time.Minute); code != 0 {
		r.t.Fatalf("producer: status %d: %s", code, r.producer.Errors())
	}
	localtest.WaitFor(r.t, "the watermark is at the end", func() bool { return localtest.WatermarkReached(url, r.trips) })
	if err := r.processor.Process.Signal(os.Interrupt); err != nil {
		r.t.Fatal(err)
	}
	if code := r.processor.WaitExit(time.Minute); code != 0 {
		r.t.Fatalf("processor: status %d: %s", code, r.processor.Errors())
	}
	return r.export()
}

func (r *replay) export() []byte {
	r.t.Helper()
	client := r.client()
	for _, alias := range []string{names.PickupCount, names.TripDuration, names.TaxiRejects} {
		if err := client.Refresh(r.t.Context(), r.prefix+alias); err != nil {
			r.t.Fatal(err)
		}
	}
	file := filepath.Join(r.t.TempDir(), "export.ndjson")
	if code := localtest.Start(r.t, "localstack", "export", "-opensearch-endpoint", r.direct, "-index-prefix", r.prefix, "-export", file).WaitExit(2 * time.Minute); code != 0 {
		r.t.Fatalf("export: status %d", code)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		r.t.Fatal(err)
	}
	return bytes.ReplaceAll(got, []byte(`{"_index":"`+r.prefix), []byte(`{"_index":"`))
}

func (r *replay) client() *opensearch.Client {
	r.t.Helper()
	client, err := opensearch.New(opensearch.Options{Endpoint: r.direct})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(client.Close)
	return client
}

// check holds documents and rejects against the oracle. What the producer had to send again,
// because LocalStack's answer did not come in time, may stand in the stream twice: then more
// are rejected, as duplicates and for the same reasons.
func (r *replay) check(got []byte) {
	r.t.Helper()
	if diff := localtest.Diff(got, r.want); diff != "" {
		r.t.Error(diff)
	}
	total, again := 0, r.sentAgain()
	differs := func(found, n int) bool { return found < n || found > n && !again }
	for reason, n := range r.rejected {
		if found := r.rejects(reason); differs(found, n) {
			r.t.Errorf("%d rejects of reason %s, want %d", found, reason, n)
		}
		total += n
	}
	if all := r.rejects(""); differs(all, total) {
		r.t.Errorf("%d rejects in all, want %d", all, total)
	}
	Note("%s: %d trips, %d documents and %d rejects equal to the oracle's", r.t.Name(), len(r.trips), bytes.Count(r.want, []byte("\n")), total)
}

// sentAgain reports whether the producer, which has ended, says that it sent records again.
func (r *replay) sentAgain() bool {
	if r.producer == nil {
		return false
	}
	for line := range r.producer.Lines() {
		if rest, ok := strings.CutPrefix(line, "sent again "); ok {
			return !strings.HasPrefix(strings.TrimSpace(rest), "0 records")
		}
	}
	r.t.Errorf("the producer does not say what it sent again: %s", r.producer.Errors())
	return false
}

// rejects counts those of a reason, "" for all.
func (r *replay) rejects(reason string) int {
	r.t.Helper()
	var query json.RawMessage
	if reason != "" {
		query = fmt.Appendf(nil, `{"term":{"reason":%q}}`, reason)
	}
	n, err := r.client().Count(r.t.Context(), r.prefix+names.TaxiRejects, query)
	if err != nil {
		r.t.Fatal(err)
	}
	return int(n)
}
