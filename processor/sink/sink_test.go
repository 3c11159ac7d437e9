package sink_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
	"taxistream/processor/sink"
)

// store is the embedded results store and a writer to it.
func store(t *testing.T, o opensearch.WriterOptions) (*search.Server, *opensearch.Client, engine.SinkWriter[opensearch.Document]) {
	t.Helper()
	s := storetest.New(t, search.Options{}, opensearch.Options{MinBackoff: time.Millisecond, MaxBackoff: time.Millisecond})
	w, err := sink.Sink{Writer: s.Writer(t, o)}.Open(t.Context(), engine.Subtask{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.Server, s.Client, w
}

func document(id string, version int64) engine.Element[opensearch.Document] {
	return engine.Element[opensearch.Document]{Value: opensearch.Document{
		Index: "pickup_count-2016.01", ID: id, Version: version,
		Source: []byte(`{"cell":"892a100d67bffff","pickup_count":2,"window_start":"2016-01-05T12:00:00.000Z","timestamp":"2016-01-05T12:09:59.999Z"}`),
	}}
}

// Ensure that when Prepare returns, all that was written before is in the store,
// however long the batch would have waited, and that writing again changes nothing.
func TestSink_PrepareFlushes(t *testing.T) {
	server, client, w := store(t, opensearch.WriterOptions{FlushInterval: time.Hour})
	batch := []engine.Element[opensearch.Document]{document("a", 2), document("b", 2)}
	for range 2 {
		if err := w.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		state, err := w.Prepare(t.Context(), 1)
		if err != nil || state != nil {
			t.Fatalf("got %q, %v: an idempotent sink keeps nothing", state, err)
		}
		if err := w.Committed(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.Stats().Documents; n != 2 {
		t.Errorf("%d documents, want 2", n)
	}
	if n := exported(t, client); n != 2 {
		t.Errorf("%d documents exported, want 2", n)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func exported(t *testing.T, client *opensearch.Client) int {
	t.Helper()
	var b strings.Builder
	if _, err := results.Export(t.Context(), client, "", &b); err != nil {
		t.Fatal(err)
	}
	return strings.Count(b.String(), "\n")
}

// Ensure an older version that comes late does not replace a newer one, as after a restart.
func TestSink_NewestWins(t *testing.T) {
	_, client, w := store(t, opensearch.WriterOptions{MaxItems: 1})
	for _, version := range []int64{3, 2} {
		d := document("a", version)
		d.Value.Source = []byte(strings.Replace(string(d.Value.Source), `"pickup_count":2`, `"pickup_count":`+string('0'+rune(version)), 1))
		if err := w.Write(t.Context(), []engine.Element[opensearch.Document]{d}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Prepare(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := results.Export(t.Context(), client, "", &b); err != nil || !strings.Contains(b.String(), `"pickup_count":3`) {
		t.Errorf("got %s, %v", b.String(), err)
	}
}

// Ensure a batch is the caller's again when Write returns: what it then puts into
// its slice changes no document.
func TestSink_WriteKeepsNothing(t *testing.T) {
	_, client, w := store(t, opensearch.WriterOptions{FlushInterval: time.Hour})
	batch := []engine.Element[opensearch.Document]{document("a", 2)}
	if err := w.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	copy(batch[0].Value.Source, strings.Repeat("x", len(batch[0].Value.Source)))
	batch[0] = engine.Element[opensearch.Document]{}
	if _, err := w.Prepare(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if n := exported(t, client); n != 1 {
		t.Errorf("%d documents, want 1", n)
	}
}

// Ensure a document that is refused for good fails the checkpoint and whatever is
// written next, where nobody takes it.
func TestSink_RefusedForGood(t *testing.T) {
	server, _, w := store(t, opensearch.WriterOptions{})
	server.SetFault(func(r *http.Request) *search.Fault {
		if !search.IsBulk(r) {
			return nil
		}
		return &search.Fault{Item: func(_, id string) (int, string, string) {
			if id != "bad" {
				return 0, "", ""
			}
			return 400, "mapper_parsing_exception", "no such field"
		}}
	})
	if err := w.Write(t.Context(), []engine.Element[opensearch.Document]{document("a", 2), document("bad", 2)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Prepare(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "mapper_parsing_exception") {
		t.Errorf("prepare: got %v", err)
	}
	if err := w.Write(t.Context(), []engine.Element[opensearch.Document]{document("b", 2)}); err == nil {
		t.Error("more is taken")
	}
}

// Ensure a store that takes nothing holds the sink up, which is the job's backpressure,
// no longer than the job lives.
func TestSink_WaitsForTheStore(t *testing.T) {
	server, client, w := store(t, opensearch.WriterOptions{MaxItems: 1, InFlight: 1})
	server.SetFault(func(r *http.Request) *search.Fault {
		if search.IsBulk(r) {
			return &search.Fault{Status: 503, Type: "unavailable", Reason: "away"}
		}
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		for id := 'a'; ; id++ {
			if err := w.Write(ctx, []engine.Element[opensearch.Document]{document(string(id), 2)}); err != nil {
				failed <- err
				return
			}
			if id > 'z' {
				failed <- errors.New("all is taken by a store that is away")
				return
			}
		}
	}()
	for server.Stats().Faults < 3 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	server.SetFault(nil)
	if _, err := w.Prepare(t.Context(), 1); err != nil {
		t.Error(err)
	}
	if n := exported(t, client); n == 0 {
		t.Error("what was taken is not there")
	}
}

// Ensure the bytes of its documents are told by each subtask.
func TestSink_BytesWritten(t *testing.T) {
	_, _, w := store(t, opensearch.WriterOptions{})
	batch := []engine.Element[opensearch.Document]{document("a", 1), document("b", 1)}
	if err := w.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if n, want := w.(engine.ByteCounter).BytesWritten(), int64(2*len(batch[0].Value.Source)); n != want {
		t.Errorf("%d bytes, want %d", n, want)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
