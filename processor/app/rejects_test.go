package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/results/document"
	"taxistream/internal/trip"
	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
	"taxistream/processor/app"
)

// rejected runs the verb and gives what it printed.
func rejected(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	status = app.Main(t.Context(), append([]string{"rejects"}, args...), &out, &errs)
	return status, out.String(), errs.String()
}

// Ensure rejects are counted and listed, the newest first, with their records as they
// can be shown, and chosen by reason.
func TestRejects_List(t *testing.T) {
	s := storetest.New(t, search.Options{}, opensearch.Options{})
	status, out, _ := rejected(t, "-opensearch-endpoint", s.URL)
	if status != 0 || out != "no rejects\n" {
		t.Errorf("before the first: status %d, %q", status, out)
	}
	w := s.Writer(t, opensearch.WriterOptions{})
	for i, r := range []document.Reject{
		{Reason: trip.ReasonLate, Detail: "its window is closed", Record: []byte(`{"type":"trip"}` + "\n"), Shard: "shardId-000000000000", Sequence: "1", HasEventTime: true, EventTime: storetest.NewYear},
		{Reason: trip.ReasonMalformed, Detail: "not a JSON object", Record: []byte("\x1b[2J\xff"), Shard: "shardId-000000000000", Sequence: "2", Sub: 7},
		{Reason: trip.ReasonLate, Detail: "again", Record: []byte("second"), Shard: "shardId-000000000001", Sequence: "3"},
	} {
		r.Arrival = storetest.NewYear + int64(i)
		storetest.Add(t, w, document.RejectDocument("", r))
	}
	storetest.Flush(t, w)
	status, out, stderr := rejected(t, "-opensearch-endpoint", s.URL)
	want := `late               2
malformed          1

shardId-000000000001-3-0  late  arrived 2016-01-01T00:00:00.002Z
  detail  again
  record  second

shardId-000000000000-2-7  malformed  arrived 2016-01-01T00:00:00.001Z
  detail  not a JSON object
  record  "\x1b[2J\xff"

shardId-000000000000-1-0  late  arrived 2016-01-01T00:00:00.000Z  event time 2016-01-01T00:00:00.000Z
  detail  its window is closed
  record  {"type":"trip"}
`
	if status != 0 || out != want {
		t.Errorf("status %d, %s, got\n%s\nwant\n%s", status, stderr, out, want)
	}
	if _, out, _ = rejected(t, "-reason", "late", "-limit", "1", "-opensearch-endpoint", s.URL); strings.Count(out, "\n") != 5 || strings.Contains(out, "malformed") || !strings.Contains(out, "again") {
		t.Errorf("the newest late one: %q", out)
	}
	if _, out, _ = rejected(t, "-reason", "duplicate", "-opensearch-endpoint", s.URL); out != "no rejects\n" {
		t.Errorf("of a reason that has none: %q", out)
	}
}

func TestRejects_WrongUsage(t *testing.T) {
	for args, want := range map[string]string{
		"":                           "-opensearch-endpoint is needed",
		"-reason lat":                `-reason "lat" (did you mean late?)`,
		"replai":                     `unexpected argument "replai" (did you mean replay?)`,
		"replay -reason late":        "only unwritable rejects",
		"-limit -1":                  "-limit -1",
		"replay replay -reason late": "unexpected argument",
	} {
		line := strings.Fields(args)
		if args != "" {
			line = append(line, "-opensearch-endpoint", "http://127.0.0.1:1")
		}
		status, stdout, stderr := rejected(t, line...)
		if status != 2 || stdout != "" || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: status %d, %q, %q, want %q", args, status, stdout, stderr, want)
		}
	}
}

// Ensure a document that was refused for good is written at its version once OpenSearch
// takes it, that a repeat and a newer document change nothing, and that one which is
// still refused is told.
func TestRejects_Replay(t *testing.T) {
	for _, prefix := range []string{"", "v2-"} {
		s := newServers(t, embedded.Options{})
		s.search.SetFault(refuse(prefix+"pickup_count-", prefix+"trip_duration-"))
		s.put(tripOne, tripTwo, dayEnds)
		p, wait := s.start("-index-prefix", prefix)
		until(t, "the refused documents are counted", func() bool { return p.Rejects()["unwritable"] == 2 })
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		replay := []string{"replay", "-opensearch-endpoint", s.searchAt, "-index-prefix", prefix}
		status, out, stderr := rejected(t, replay...)
		if status != 1 || !strings.HasPrefix(out, "written 0, there already 0, refused again 2\n") || !strings.Contains(out, "not today") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("while they are refused: status %d, %q, %q", status, out, stderr)
		}
		s.search.SetFault(nil)
		for range 2 { // an equal version is taken again
			if status, out, stderr = rejected(t, replay...); status != 0 || out != "written 2, there already 0, refused again 0\n" {
				t.Errorf("status %d, %q: %s", status, out, stderr)
			}
		}
		client := storetest.Client(t, opensearch.Options{Endpoint: s.searchAt})
		var again, first strings.Builder
		if _, err := results.Export(context.Background(), client, prefix, &again); err != nil {
			t.Fatal(err)
		}
		other := newServers(t, embedded.Options{})
		other.put(tripOne, tripTwo, dayEnds)
		p, wait = other.start("-index-prefix", prefix)
		other.reads(p)
		until(t, "the documents are written", func() bool { return p.Documents().Written == 4 }) // and two duplicates
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		if _, err := results.Export(context.Background(), storetest.Client(t, opensearch.Options{Endpoint: other.searchAt}), prefix, &first); err != nil {
			t.Fatal(err)
		}
		if again.String() != first.String() || first.Len() == 0 {
			t.Errorf("replayed:\n%s\nwritten at once:\n%s", again.String(), first.String())
		}
	}
}

// Ensure a reject that stands for no document of the prefix is told and keeps no other
// from being written, and that a newer document stays.
func TestRejects_ReplayForeign(t *testing.T) {
	s := storetest.New(t, search.Options{}, opensearch.Options{})
	w := s.Writer(t, opensearch.WriterOptions{})
	newer := storetest.Hotspot(storetest.NewYear, "892a100d2b7ffff", 5)
	older := document.UnwritableReject("", storetest.Hotspot(storetest.NewYear, "892a100d2b7ffff", 4), "why", time.UnixMilli(storetest.NewYear))
	good := document.UnwritableReject("", storetest.Hotspot(storetest.NewYear, "892a100d2b3ffff", 3), "why", time.UnixMilli(storetest.NewYear))
	foreign := good
	foreign.ID = "other-2016.01-1"
	storetest.Add(t, w, foreign, good, newer, older)
	storetest.Flush(t, w)
	status, out, stderr := rejected(t, "replay", "-opensearch-endpoint", s.URL)
	if body, err := s.Client.Do(t.Context(), "read a document", http.MethodGet, "/"+newer.Index+"/_doc/"+newer.ID, nil, nil); err != nil || !strings.Contains(string(body), `"_version":5,`) {
		t.Errorf("the newer document is %s, %v", body, err)
	}
	if status != 1 || out != "written 1, there already 1, refused again 0\n" || !strings.Contains(stderr, `1 reject not written, the first: reject other-2016.01-1 stands for no document under the index prefix ""`) {
		t.Errorf("status %d, %q, %q", status, out, stderr)
	}
}
