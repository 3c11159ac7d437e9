package opensearch_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// counting is a server that counts the documents of any index as seven.
func counting(n *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"count":7}`)
	})
}

func countOf(t *testing.T, o opensearch.Options) error {
	t.Helper()
	o.MinBackoff, o.MaxBackoff = time.Millisecond, time.Millisecond
	c, err := opensearch.New(o)
	if err != nil {
		return err
	}
	defer c.Close()
	n, err := c.Count(t.Context(), "pickup_count", nil)
	if err == nil && n != 7 {
		return fmt.Errorf("%d documents, want 7", n)
	}
	return err
}

// Ensure several nodes are asked in turn, and one that is gone does no harm.
func TestTransport_Nodes(t *testing.T) {
	var asked [2]atomic.Int64
	one, two := httptest.NewServer(counting(&asked[0])), httptest.NewServer(counting(&asked[1]))
	defer two.Close()
	c, err := opensearch.New(opensearch.Options{Endpoint: one.URL + ", " + two.URL + "/", MinBackoff: time.Millisecond, MaxBackoff: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if want := one.URL + "," + two.URL; c.Endpoint() != want {
		t.Errorf("the endpoint is shown as %s, want %s", c.Endpoint(), want)
	}
	for i := range 20 {
		if i == 10 {
			one.Close()
		}
		if _, err := c.Count(t.Context(), "pickup_count", nil); err != nil {
			t.Fatal(err)
		}
	}
	if asked[0].Load() == 0 || asked[1].Load() < 10 || asked[0].Load()+asked[1].Load() != 20 {
		t.Errorf("asked %d and %d times, want 20 in all, of both", asked[0].Load(), asked[1].Load())
	}
	for _, endpoint := range []string{one.URL + ",", one.URL + ",https://b:1", ",", "http://a:1,http://u:secret@"} {
		if _, err := opensearch.New(opensearch.Options{Endpoint: endpoint}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}

// Ensure a base path goes before every path, and documents get there compressed
// where that is asked for.
func TestTransport_PathAndCompression(t *testing.T) {
	store, err := search.New(search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var packed, plain atomic.Int64
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.HasPrefix(r.URL.Path, "/search/"):
			t.Errorf("asked for %s", r.URL.Path)
		case r.Header.Get("Content-Encoding") == "gzip":
			packed.Add(1)
		case r.ContentLength > 0:
			plain.Add(1)
		}
		http.StripPrefix("/search", store).ServeHTTP(w, r)
	})
	server := httptest.NewServer(handler)
	defer server.Close()
	for _, compress := range []bool{true, false} {
		c, err := opensearch.New(opensearch.Options{Endpoint: server.URL + "/search/", Compress: compress})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := results.PutTemplates(t.Context(), c, "", storetest.Rules, nil); err != nil {
			t.Fatal(err)
		}
		w := opensearch.NewWriter(c, opensearch.WriterOptions{})
		storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, "1", 2), storetest.Hotspot(storetest.NewYear, "2", 3))
		storetest.Flush(t, w)
		w.Close()
		if s := w.Stats(); s.Written+s.Repeats != 2 {
			t.Errorf("compressed %v: %+v", compress, s)
		}
		if compress && (packed.Load() == 0 || plain.Load() != 0) {
			t.Errorf("%d bodies were compressed, %d were not", packed.Load(), plain.Load())
		}
	}
	if plain.Load() == 0 {
		t.Error("no body was sent as it is")
	}
}

// Ensure what the server refuses is sent again by the writer alone, which counts it.
func TestTransport_NoRetriesOfItsOwn(t *testing.T) {
	f := newFixture(t, search.Options{})
	var asked atomic.Int64
	f.SetFault(func(r *http.Request) *search.Fault {
		if !search.IsBulk(r) {
			return nil
		}
		n := asked.Add(1)
		return []*search.Fault{{Status: 503}, {Status: 429}, {Drop: true}, {CutAfter: 5}, nil}[min(n-1, 4)]
	})
	w := f.Writer(t, opensearch.WriterOptions{})
	storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, "1", 2))
	storetest.Flush(t, w)
	if s := w.Stats(); s.Requests != asked.Load() || s.Requests != 5 {
		t.Errorf("%d requests are counted, the server saw %d, want 5", s.Requests, asked.Load())
	}
	if got := f.versions(t, names.PickupCount); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

// Ensure AWS_CA_BUNDLE lets a private authority in, and that without it the error
// names it.
func TestTransport_PrivateCA(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewTLSServer(counting(&asked))
	defer server.Close()
	server.Config.ErrorLog = nil
	if err := countOf(t, opensearch.Options{Endpoint: server.URL}); err == nil || !strings.Contains(err.Error(), "AWS_CA_BUNDLE") {
		t.Errorf("an authority that nobody knows: %v", err)
	}
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	if err := countOf(t, opensearch.Options{Endpoint: server.URL}); err != nil {
		t.Error(err)
	}
}

// Ensure HTTP_PROXY is gone by: net/http reads it once a process, so this is another.
func TestTransport_Proxy(t *testing.T) {
	const child = "TAXI_PROXY_CHILD"
	if os.Getenv(child) != "" {
		if err := countOf(t, opensearch.Options{Endpoint: "http://me:word@search.invalid:9200"}); err != nil {
			t.Fatal(err)
		}
		return
	}
	var asked atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host != "search.invalid:9200" || r.Header.Get("Authorization") != "Basic bWU6d29yZA==" {
			t.Errorf("asked for %s with %q", r.URL, r.Header.Get("Authorization"))
		}
		counting(&asked).ServeHTTP(w, r)
	}))
	defer proxy.Close()
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTransport_Proxy$")
	again.Env = append(os.Environ(), child+"=1", "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "NO_PROXY=", "no_proxy=")
	if out, err := again.CombinedOutput(); err != nil || asked.Load() != 1 {
		t.Errorf("%v, the proxy was asked %d times:\n%s", err, asked.Load(), out)
	}
}
