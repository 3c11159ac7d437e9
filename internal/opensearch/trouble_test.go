package opensearch_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// Ensure that an index without a shard to write to is named at once: the server is asked to
// say so before the request's own time is over.
func TestWriter_RedIndex(t *testing.T) {
	f := newFixture(t, search.Options{})
	asked := make(chan string, 1)
	down := once(1, search.Fault{Item: func(string, string) (int, string, string) {
		return 503, "unavailable_shards_exception", "[pickup_count-2016.01][0] primary shard is not active"
	}})
	f.SetFault(func(r *http.Request) *search.Fault {
		select {
		case asked <- r.URL.Query().Get("timeout"):
		default:
		}
		return down(r)
	})
	w := f.Writer(t, opensearch.WriterOptions{})
	storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, "a", 1))
	storetest.Flush(t, w)
	if got := <-asked; got != "4000ms" {
		t.Errorf("the server may wait %q, want 4000ms", got)
	}
	storetest.Contains(t, f.said.first(), "index pickup_count-2016.01: status 503 unavailable_shards_exception", "trying again")
}

// Ensure that each trouble that passes is sat out: all documents are there
// afterwards, once, and the retries are counted by their reason.
func TestWriter_Troubles(t *testing.T) {
	item := func(status int, kind string) search.Fault {
		return search.Fault{Item: func(_, id string) (int, string, string) {
			if strings.Contains(id, "odd") {
				return status, kind, "for a test"
			}
			return 0, "", ""
		}}
	}
	for _, c := range []struct {
		name  string
		fault search.Fault
		want  opensearch.RetryReason
	}{
		{"Throttled", search.Fault{Status: 429, Type: "rejected_execution_exception"}, opensearch.RetryThrottled},
		{"Unavailable", search.Fault{Status: 503, Type: "cluster_manager_not_discovered_exception"}, opensearch.RetryUnavailable},
		{"Gateway", search.Fault{Status: 502}, opensearch.RetryUnavailable},
		{"ReadOnly", search.Fault{Status: 403, Type: "cluster_block_exception"}, opensearch.RetryReadOnly},
		{"Reset", search.Fault{Drop: true}, opensearch.RetryUnreachable},
		{"ResetInTheBody", search.Fault{CutAfter: 20}, opensearch.RetryUnreachable},
		{"Garbled", search.Fault{Garble: []byte(`{"errors":false,"items":[{"index":{"sta`)}, opensearch.RetryGarbled},
		{"HTML", search.Fault{Garble: []byte(`<html>it works</html>`)}, opensearch.RetryGarbled},
		{"TooFewItems", search.Fault{Garble: []byte(`{"errors":false,"items":[{"index":{"status":200}}]}`)}, opensearch.RetryGarbled},
		{"TooManyItems", search.Fault{Garble: []byte(`{"errors":false,"items":[{"index":{"status":200}},{"index":{"status":200}},{"index":{"status":200}},{"index":{"status":200}}]}`)}, opensearch.RetryGarbled},
		{"OtherAnswer", search.Fault{Garble: []byte(`{"took":1,"hits":{"total":{"value":0}}}`)}, opensearch.RetryGarbled},
		{"NoStatus", search.Fault{Garble: []byte(`{"errors":false,"items":[{"index":{}},{"index":{}},{"index":{}}]}`)}, opensearch.RetryGarbled},
		{"ItemThrottled", item(429, "rejected_execution_exception"), opensearch.RetryThrottled},
		{"ItemUnavailable", item(503, "unavailable_shards_exception"), opensearch.RetryUnavailable},
		{"ItemReadOnly", item(403, "cluster_block_exception"), opensearch.RetryReadOnly},
		{"ItemIndexRace", item(404, "index_not_found_exception"), opensearch.RetryIndex},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, search.Options{})
			f.SetFault(once(5, c.fault))
			w := f.Writer(t, opensearch.WriterOptions{OnPoison: func(d opensearch.Document, why opensearch.Refusal) (*opensearch.Document, error) {
				t.Errorf("%s was refused for good: %s", d.ID, why)
				return nil, nil
			}})
			storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, "a", 1), storetest.Hotspot(storetest.NewYear, "odd", 2), storetest.Hotspot(storetest.NewYear, "b", 3))
			storetest.Flush(t, w)
			if got := f.versions(t, names.PickupCount); len(got) != 3 {
				t.Errorf("got %v, want three documents", got)
			}
			s := w.Stats()
			if s.Retries[c.want] < 5 || s.Written != 3 || s.Queued != 0 || s.QueuedBytes != 0 || s.InFlight != 0 {
				t.Errorf("got %+v, want 3 written, none queued and retries for %v", s, c.want)
			}
			if troubles, ups := f.said.counts(); troubles != 1 || ups != 1 {
				t.Errorf("told of %d troubles and %d recoveries, want one of each", troubles, ups)
			}
			storetest.Contains(t, f.said.first(), f.Client.Endpoint(), "trying again")
		})
	}
}

// Ensure that a server that is not there is waited for, and told of once.
func TestWriter_DownThenUp(t *testing.T) {
	f := newFixture(t, search.Options{})
	base := f.Client.Endpoint()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	w := f.Writer(t, opensearch.WriterOptions{MaxItems: 1})
	done := make(chan error, 1)
	go func() {
		var err error
		for _, cell := range []string{"a", "b", "c", "d", "e", "f"} {
			err = errors.Join(err, w.Add(context.Background(), storetest.Hotspot(storetest.NewYear, cell, 1)))
		}
		done <- errors.Join(err, w.Flush(context.Background()))
	}()
	for w.Stats().Retries[opensearch.RetryUnreachable] < 5 {
		if t.Context().Err() != nil {
			t.Fatal("the writer does not try again")
		}
		time.Sleep(time.Millisecond)
	}
	if _, err := f.Start(strings.TrimPrefix(base, "http://")); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := f.versions(t, names.PickupCount); len(got) != 6 {
		t.Errorf("got %v, want six documents", got)
	}
	if troubles, ups := f.said.counts(); troubles != 1 || ups != 1 {
		t.Errorf("told of %d troubles and %d recoveries, want one of each", troubles, ups)
	}
	storetest.Contains(t, f.said.first(), "connect")
}

// Ensure that a request that is too large, or has one item that spoils it, is
// halved until the one at fault is alone.
func TestWriter_Split(t *testing.T) {
	f := newFixture(t, search.Options{MaxBody: 4000})
	var poisoned []string
	w := f.Writer(t, opensearch.WriterOptions{InFlight: 1, OnPoison: func(d opensearch.Document, why opensearch.Refusal) (*opensearch.Document, error) {
		poisoned = append(poisoned, d.ID[:3]+" "+why.Type)
		return nil, nil
	}})
	for _, cell := range strings.Split("a b c d e f g h i j k l m n", " ") {
		storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, cell, 1))
	}
	large := storetest.Hotspot(storetest.NewYear, "large", 1)
	large.Source = append(large.Source, strings.Repeat(" ", 5000)...)
	long := storetest.Hotspot(storetest.NewYear, "long", 1)
	long.ID = strings.Repeat("x", 513)
	storetest.Add(t, w, large, long)
	storetest.Flush(t, w)
	if got := f.versions(t, names.PickupCount); len(got) != 14 {
		t.Errorf("got %d documents, want 14: %v", len(got), got)
	}
	want := "145 content_too_long_exception|xxx action_request_validation_exception"
	if got := strings.Join(poisoned, "|"); got != want {
		t.Errorf("got refusals %q, want %q", got, want)
	}
	if s := w.Stats(); s.Retries[opensearch.RetrySplit] == 0 || s.Poisoned != 2 || s.Queued != 0 {
		t.Errorf("got %+v", s)
	}
}

// Ensure that a refused document does not hold the others back, and that what
// OnPoison gives in its place is written before Flush returns.
func TestWriter_Poison(t *testing.T) {
	for _, c := range []struct{ name, from, to, kind string }{
		{"UnknownField", `"cell":`, `"cel":`, "strict_dynamic_mapping_exception"},
		{"Type", `"pickup_count":2`, `"pickup_count":"two"`, "mapper_parsing_exception"},
		{"NoJSON", `"pickup_count":2`, `"pickup_count":`, "mapper_parsing_exception"},
		{"Date", `"2016-01-01T00:00:00.000Z"`, `"yesterday"`, "mapper_parsing_exception"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, search.Options{})
			var refused opensearch.Refusal
			var original opensearch.Document
			w := f.Writer(t, opensearch.WriterOptions{OnPoison: func(d opensearch.Document, why opensearch.Refusal) (*opensearch.Document, error) {
				original, refused = d, why
				return &opensearch.Document{
					Index: results.MonthlyIndex("", names.TaxiRejects, storetest.NewYear), ID: d.Index + "-" + d.ID, Version: 1,
					Source: []byte(`{"reason":"unwritable","timestamp":"2016-01-01T00:10:00.000Z","shard":"","sequence_number":""}`),
				}, nil
			}})
			bad := storetest.Hotspot(storetest.NewYear, "bad", 2)
			bad.Source = []byte(strings.Replace(string(bad.Source), c.from, c.to, 1))
			storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, "a", 1), bad, storetest.Hotspot(storetest.NewYear, "b", 3))
			storetest.Flush(t, w)
			if got := f.versions(t, names.PickupCount); len(got) != 2 {
				t.Errorf("got %v, want two documents", got)
			}
			if got := f.versions(t, names.TaxiRejects); len(got) != 1 {
				t.Errorf("got %v, want one reject", got)
			}
			if refused.Type != c.kind || string(original.Source) != string(bad.Source) || original.ID != bad.ID || original.Version != 2 {
				t.Errorf("OnPoison got %+v, %s", original, refused)
			}
		})
	}
}

// Ensure that what no retry would mend stops the writer with what to do.
func TestWriter_Fatal(t *testing.T) {
	stop := errors.New("a reject was refused")
	for _, c := range []struct {
		name  string
		fault search.Fault
		want  string
	}{
		{"Unauthorized", search.Fault{Status: 401}, "give a name and a password"},
		{"Forbidden", search.Fault{Status: 403, Type: "security_exception", Reason: "no permissions"}, "no permissions"},
		{"NoServer", search.Fault{Status: 404}, "check that the endpoint is an OpenSearch server"},
		{"Redirect", search.Fault{Status: 302}, "check that the endpoint is an OpenSearch server"},
		{"ItemForbidden", search.Fault{Item: func(string, string) (int, string, string) { return 403, "security_exception", "" }}, "give the user the rights"},
		{"NoAutoCreate", search.Fault{Item: func(string, string) (int, string, string) {
			return 404, "index_not_found_exception", "[action.auto_create_index] is [false]"
		}}, "allow the indexes"},
		{"OnPoison", search.Fault{Item: func(string, string) (int, string, string) { return 400, "x", "" }}, stop.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, search.Options{})
			f.SetFault(func(r *http.Request) *search.Fault { return &c.fault })
			w := f.Writer(t, opensearch.WriterOptions{OnPoison: func(opensearch.Document, opensearch.Refusal) (*opensearch.Document, error) { return nil, stop }})
			storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, "a", 1))
			err := w.Flush(t.Context())
			if err == nil {
				t.Fatal("Flush returned nil")
			}
			storetest.Contains(t, err.Error(), c.want)
			if err2 := w.Add(t.Context(), storetest.Hotspot(storetest.NewYear, "b", 1)); !errors.Is(err2, err) {
				t.Errorf("Add after it: got %v, want %v", err2, err)
			}
			if got := w.Stats().Queued; got == 0 && c.name != "OnPoison" {
				t.Error("the abandoned document is not counted")
			}
		})
	}
}

// Ensure that Add waits at the limits and gives up with its context, and that
// Close ends a writer whose server never answers.
func TestWriter_Backpressure(t *testing.T) {
	f := newFixture(t, search.Options{})
	f.SetFault(func(*http.Request) *search.Fault { return &search.Fault{Status: 503} })
	w := opensearch.NewWriter(f.Client, opensearch.WriterOptions{MaxItems: 2, InFlight: 2, Queue: 1})
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		for s := w.Stats(); s.Queued < s.LimitItems || s.Waits == 0; s = w.Stats() {
			if t.Context().Err() != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
		cancel()
	})
	var err error
	added := int64(0)
	for ; err == nil; added++ {
		err = w.Add(ctx, storetest.Hotspot(storetest.NewYear, "a", added))
	}
	wait.Wait()
	s := w.Stats()
	if !errors.Is(err, context.Canceled) || s.Queued != added-1 || s.Queued != s.LimitItems {
		t.Errorf("got %v with %d of %d queued after %d", err, s.Queued, s.LimitItems, added)
	}
	if err := w.Flush(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Flush: got %v, want %v", err, context.Canceled)
	}
	w.Close()
	if err := w.Flush(t.Context()); !errors.Is(err, opensearch.ErrClosed) {
		t.Errorf("Flush after Close: got %v", err)
	}
	if got := w.Stats(); got.Queued != s.Queued || got.InFlight != 0 {
		t.Errorf("after Close: got %+v, want %d abandoned", got, s.Queued)
	}
}
