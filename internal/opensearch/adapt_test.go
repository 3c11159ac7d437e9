package opensearch_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// before serves a store through a handler that may answer bulk requests itself; it
// is told the number of documents.
func before(t *testing.T, f *fixture, timeout time.Duration, answer func(w http.ResponseWriter, r *http.Request, documents int, next http.Handler)) *opensearch.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !search.IsBulk(r) {
			f.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer(w, r, bytes.Count(body, []byte{'\n'})/2, f.Server)
	}))
	t.Cleanup(server.Close)
	c, err := opensearch.New(opensearch.Options{Endpoint: server.URL, MinBackoff: time.Millisecond, MaxBackoff: time.Millisecond, RequestTimeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Ensure requests shrink until a server that is full takes them, and grow again
// when it is not any more; that no document is lost, and each is written once.
func TestWriter_AdaptsTo429(t *testing.T) {
	f := newFixture(t, search.Options{})
	var room, greatest, refused atomic.Int64
	room.Store(20)
	c := before(t, f, time.Minute, func(w http.ResponseWriter, r *http.Request, documents int, next http.Handler) {
		if int64(documents) > room.Load() {
			refused.Add(1)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprint(w, `{"error":{"type":"rejected_execution_exception","reason":"full"},"status":429}`)
			return
		}
		greatest.Store(max(greatest.Load(), int64(documents)))
		next.ServeHTTP(w, r)
	})
	w := opensearch.NewWriter(c, opensearch.WriterOptions{MaxItems: 100, InFlight: 1, FlushInterval: time.Hour})
	defer w.Close()
	add := func(from, n int) {
		for i := range n {
			storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, fmt.Sprintf("%x", from+i), 2))
		}
		storetest.Flush(t, w)
	}
	add(0, 100)
	// From 100 to 16 are three refusals; then the size feels its way along the limit.
	if g, n := greatest.Load(), refused.Load(); g > 20 || g < 16 || n < 3 || n > 12 {
		t.Errorf("requests of up to %d documents were taken, %d were refused", g, n)
	}
	room.Store(100)
	n := refused.Load()
	for i := range 10 {
		add(100*(i+1), 100)
	}
	if g := greatest.Load(); g != 100 || refused.Load() != n {
		t.Errorf("requests grew to %d documents again, %d refusals more", g, refused.Load()-n)
	}
	if s := w.Stats(); s.Written != 1100 || s.Repeats != 0 || s.Queued != 0 || s.QueuedBytes != 0 {
		t.Errorf("%+v", s)
	}
	if got := f.versions(t, names.PickupCount); len(got) != 1100 {
		t.Errorf("%d documents, want 1,100", len(got))
	}
}

// Ensure a write that happened although nobody answered in time is found to be there.
func TestWriter_TimeoutAfterTheWrite(t *testing.T) {
	f := newFixture(t, search.Options{})
	var once sync.Once
	c := before(t, f, 200*time.Millisecond, func(w http.ResponseWriter, r *http.Request, _ int, next http.Handler) {
		silent := false
		once.Do(func() { silent = true })
		if !silent {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		<-r.Context().Done() // until the client has given up
	})
	w := opensearch.NewWriter(c, opensearch.WriterOptions{})
	defer w.Close()
	storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, "a", 1), storetest.Hotspot(storetest.NewYear, "b", 3))
	storetest.Flush(t, w)
	// An equal version is written again: external_gte.
	if s := w.Stats(); s.Retries[opensearch.RetryTimeout] < 2 || s.Written+s.Repeats != 2 || s.Requests < 2 {
		t.Errorf("%+v", s)
	}
	if got := f.versions(t, names.PickupCount); len(got) != 2 {
		t.Errorf("got %v", got)
	}
}
