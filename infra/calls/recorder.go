package calls

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Recorder notes the calls of one program and passes everything on: its proxies
// stand between the program and the servers. It is safe for many goroutines.
type Recorder struct {
	// Names are parts of a deployment's resources, such as "my-bucket", and the
	// placeholders that stand for them in a record. The longest goes first.
	Names map[string]string

	mu    sync.Mutex
	calls map[string]Call
}

// Placeholders of a record for what differs between deployments.
const (
	StreamName  = "{stream}"
	DomainName  = "{domain}"
	TripBucket  = "{trips}"
	StateBucket = "{checkpoints}"
	TripPrefix  = "{source}" // of the keys in the bucket of trips
	StatePrefix = "{prefix}" // of the keys in the bucket of checkpoints
	IndexPrefix = "{index}"
)

// AWS is a proxy to a server of Kinesis and of S3 with the bucket in the path.
func (r *Recorder) AWS(to *url.URL) http.Handler {
	return r.proxy(to, func(req *http.Request, body []byte, status int) []Call {
		if req.Header.Get("X-Amz-Target") != "" {
			return OfKinesis(req, body, StreamName)
		}
		return OfS3(req, status)
	})
}

// OpenSearch is a proxy to a results store.
func (r *Recorder) OpenSearch(to *url.URL) http.Handler {
	return r.proxy(to, func(req *http.Request, _ []byte, _ int) []Call { return OfOpenSearch(req, DomainName) })
}

func (r *Recorder) proxy(to *url.URL, calls func(*http.Request, []byte, int) []Call) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(p *httputil.ProxyRequest) { p.SetURL(to) },
		FlushInterval: -1, // SubscribeToShard's answer is a stream
		// A program that is killed, or a server that is stopped, is part of the run.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		asked := req.Clone(req.Context())
		proxy.ServeHTTP(seen, req)
		for _, c := range calls(asked, body, seen.status) {
			r.add(c)
		}
	})
}

// numbers differ from run to run: those of checkpoints, months, epochs.
var numbers = regexp.MustCompile(`[0-9]+`)

// add keeps a call once, whatever numbers its names hold.
func (r *Recorder) add(c Call) {
	context := map[string]string{}
	for name, value := range c.Context {
		// A listing's keys are those of its bucket: only there a prefix has a meaning.
		_, context[name], _ = strings.Cut(r.general(c.Resource+"/"+value), "/")
	}
	c.Resource = strings.TrimSuffix(r.general(c.Resource+"/"), "/")
	if c.Context = context; len(context) == 0 {
		c.Context = nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls == nil {
		r.calls = map[string]Call{}
	}
	r.calls[key(c)] = c
}

func (r *Recorder) general(s string) string {
	longest := slices.SortedFunc(maps.Keys(r.Names), func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, name := range longest {
		pairs = append(pairs, name, r.Names[name])
	}
	return numbers.ReplaceAllString(strings.NewReplacer(pairs...).Replace(s), "0")
}

// Calls are all calls so far, each once, in order.
func (r *Recorder) Calls() []Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return sorted(slices.Collect(maps.Values(r.calls)))
}

// statusWriter remembers an answer's status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the proxy flush.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
