//go:build integration

package integration

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/localstack/localtest"
)

// send makes a request of OpenSearch's own interface, and returns the answer.
func send(t *testing.T, method, url, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		t.Fatalf("%s %s: status %d, %v\n%s", method, url, resp.StatusCode, err, answer)
	}
	return string(answer)
}

// retried is how many documents were sent again for a reason.
func retried(url, reason string) int {
	n, _ := localtest.Metric(url, fmt.Sprintf(`%sbulk_retries_total{job_name="taxi-trips",reason=%q}`, names.MetricPrefix, reason))
	return int(n)
}

// Ensure a connection that is reset in the middle of a request or of an answer,
// and thirty seconds without a server, lose and double nothing.
func TestTrouble_Network(t *testing.T) {
	search := StartOpenSearch(t, OpenSearchOptions{})
	kinesis, _ := localtest.Serving(t, "-shards", "2")
	r := newReplay(t, kinesis, search.URL)
	p := newProxy(t, search.URL)
	r.search = p.URL
	url := r.process()
	r.produce("2000")
	r.reads(url, 0.1)
	resets := 0
	for _, direction := range []string{"upstream", "downstream", "upstream"} {
		p.cut(direction, "700") // less than a batch, and than its answer
		before := records(url)
		time.Sleep(2 * time.Second)
		p.heal()
		resets++
		localtest.WaitFor(t, "the processor goes on", func() bool { return records(url) > before })
	}
	p.Stop()
	time.Sleep(30 * time.Second)
	p.on()
	got := r.finish(url)
	for _, said := range []string{"the connection was closed", "takes requests again"} {
		if !strings.Contains(r.processor.Errors(), said) {
			t.Errorf("the processor's log does not say %q:\n%s", said, r.processor.Errors())
		}
	}
	r.check(got)
	Note("%s: %d times 2 s of resets in mid-body, 30 s away", t.Name(), resets)
}

// Ensure an index that takes no writes for a while is waited for.
func TestTrouble_ReadOnly(t *testing.T) {
	search := StartOpenSearch(t, OpenSearchOptions{})
	kinesis, _ := localtest.Serving(t, "-shards", "2")
	r := newReplay(t, kinesis, search.URL)
	url := r.process()
	r.produce("3000")
	r.reads(url, 0.3)
	block := func(on bool) {
		send(t, http.MethodPut, search.URL+"/"+r.prefix+"*/_settings", fmt.Sprintf(`{"index.blocks.read_only_allow_delete":%v}`, on))
	}
	block(true)
	localtest.WaitFor(t, "a document is refused", func() bool { return retried(url, "read_only") > 0 })
	time.Sleep(3 * time.Second)
	block(false)
	r.check(r.finish(url))
	Note("%s: indexes read-only for 3 s", t.Name())
}

// Ensure an index that no node may hold (it is red) is named and waited for, and that
// the documents of other indexes are written meanwhile.
func TestTrouble_RedIndex(t *testing.T) {
	search := StartOpenSearch(t, OpenSearchOptions{})
	kinesis, _ := localtest.Serving(t, "-shards", "2")
	r := newReplay(t, kinesis, search.URL)
	index := r.prefix + names.PickupCount + "-" + r.trips[0].Dropoff.UTC().Format("2006.01")
	url := r.process() // it would not start with such a template
	send(t, http.MethodPut, search.URL+"/_index_template/"+r.prefix+"red", fmt.Sprintf(
		`{"index_patterns":[%q],"priority":1000,"template":{"aliases":{%q:{}},"settings":{"index.routing.allocation.include._name":"nobody"},"mappings":{"properties":{"cell":{"type":"keyword"},"window_start":{"type":"date"},"window_end":{"type":"date"}}}}}`,
		index, r.prefix+names.PickupCount))
	t.Cleanup(func() {
		req, _ := http.NewRequest(http.MethodDelete, search.URL+"/_index_template/"+r.prefix+"red", nil)
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
	})
	r.produce("0")
	localtest.WaitFor(t, "a document is put off", func() bool { return retried(url, "unavailable") > 0 })
	said := func() bool {
		return strings.Contains(r.processor.Errors(), "index "+index+": status 503 unavailable_shards_exception")
	}
	if !said() {
		t.Errorf("the log does not name the index:\n%s", r.processor.Errors())
	}
	send(t, http.MethodPut, search.URL+"/"+index+"/_settings", `{"index.routing.allocation.include._name":null}`)
	r.check(r.finish(url))
	Note("%s: an index without a node", t.Name())
}

// Ensure documents that a mapping refuses for good become rejects, each once,
// and that the others are written.
func TestTrouble_MappingConflict(t *testing.T) {
	search := StartOpenSearch(t, OpenSearchOptions{})
	kinesis, _ := localtest.Serving(t, "-shards", "2")
	r := newReplay(t, kinesis, search.URL)
	month := r.trips[0].Dropoff.UTC().Format("2006.01")
	index := r.prefix + names.PickupCount + "-" + month
	url := r.process() // it would not start with such a template
	// A template of a higher priority makes a month whose counts are dates of a form that no count has.
	send(t, http.MethodPut, search.URL+"/_index_template/"+r.prefix+"wrong", fmt.Sprintf(
		`{"index_patterns":[%q],"priority":1000,"template":{"aliases":{%q:{}},"mappings":{"properties":{"pickup_count":{"type":"date","format":"yyyy-MM-dd"},"cell":{"type":"keyword"},"window_start":{"type":"date"},"window_end":{"type":"date"}}}}}`,
		index, r.prefix+names.PickupCount))
	t.Cleanup(func() {
		req, _ := http.NewRequest(http.MethodDelete, search.URL+"/_index_template/"+r.prefix+"wrong", nil)
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
	})
	r.produce("0")
	got := r.finish(url)
	refused := 0
	var rest []byte
	for line := range bytes.Lines(r.want) {
		if bytes.Contains(line, []byte(`"_index":"`+names.PickupCount)) {
			refused++
		} else {
			rest = append(rest, line...)
		}
	}
	r.want = rest
	r.rejected["unwritable"] = refused
	r.check(got)
	if refused == 0 {
		t.Error("nothing was refused")
	}
	Note("%s: %d documents refused for good", t.Name(), refused)
}

// Ensure a server that refuses documents because its queue is full, and one that
// is killed and started again, lose and double nothing.
func TestTrouble_BusyAndKilled(t *testing.T) {
	search := StartOpenSearch(t, OpenSearchOptions{Settings: map[string]string{"thread_pool.write.queue_size": "1", "thread_pool.write.size": "1"}})
	kinesis, _ := localtest.Serving(t, "-shards", "2")
	r := newReplay(t, kinesis, search.URL)
	url := r.process()
	r.produce("3000")
	r.reads(url, 0.1)
	stop := flood(search.URL)
	localtest.WaitFor(t, "a document is refused with 429", func() bool { return retried(url, "throttled") > 0 })
	stop()
	r.reads(url, 0.4)
	search.Stop(t, true)
	time.Sleep(2 * time.Second)
	search.Start(t)
	busy := retried(url, "throttled")
	r.check(r.finish(url))
	Note("%s: %d documents refused with 429, the node killed and started again", t.Name(), busy)
}

// flood keeps the only thread of a server's write pool busy until it is stopped.
func flood(url string) (stop func()) {
	var body strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&body, "{\"index\":{\"_index\":\"other\"}}\n{\"n\":%d,\"text\":%q}\n", i, strings.Repeat("word ", 40))
	}
	end := make(chan struct{})
	var running sync.WaitGroup
	for range 6 {
		running.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
				}
				if resp, err := http.Post(url+"/_bulk", "application/x-ndjson", strings.NewReader(body.String())); err == nil {
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			}
		})
	}
	return func() { close(end); running.Wait() }
}
