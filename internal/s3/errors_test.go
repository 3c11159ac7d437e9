package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taxistream/internal/awsconf"
	"taxistream/internal/s3"
	embedded "taxistream/localstack/s3"
)

// at gives a client of a handler, and a place there.
func at(t *testing.T, h http.Handler) (*s3.Client, s3.Location) {
	t.Helper()
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: web.URL})
	if err != nil {
		t.Fatal(err)
	}
	return s3.New(cfg), s3.Location{Bucket: "bucket", Prefix: "p/"}
}

// Ensure each answer of the service is one line that says what, where and what to
// do, and is known as passing or lasting.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		status    int
		is        error
		transient bool
		want      string
	}{
		{http.StatusNotFound, s3.ErrMissing, false, "no such object"},
		{http.StatusPreconditionFailed, s3.ErrPrecondition, false, "not as expected"},
		{http.StatusConflict, s3.ErrPrecondition, false, "not as expected"},
		{http.StatusForbidden, nil, false, "check the credentials and the bucket's policy"},
		{http.StatusMovedPermanently, nil, false, "give its -region"},
		{http.StatusBadRequest, nil, false, "InjectedFault"},
		{http.StatusTooManyRequests, nil, true, "InjectedFault"},
		{http.StatusInternalServerError, nil, true, "InjectedFault"},
		{http.StatusServiceUnavailable, nil, true, "InjectedFault"},
	} {
		t.Run(strconv.Itoa(c.status), func(t *testing.T) {
			t.Parallel() // the SDK waits before it asks again
			server := &embedded.Server{Fault: func(*http.Request, string, string) embedded.Fault { return embedded.Fault{Status: c.status} }}
			client, l := at(t, server)
			_, err := client.Put(t.Context(), l, "p/key", []byte("x"))
			if err == nil || !strings.HasPrefix(err.Error(), "write s3://bucket/p/key: ") || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want one line with %q", err, c.want)
			}
			if c.is != nil && !errors.Is(err, c.is) || s3.Transient(err) != c.transient {
				t.Errorf("%v: transient %v", err, s3.Transient(err))
			}
		})
	}
}

// Ensure a service that is not reached is waited for, and the rest is not.
func TestTransient(t *testing.T) {
	client, l := at(t, http.NotFoundHandler())
	web := httptest.NewServer(http.NotFoundHandler())
	web.Close()
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: web.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, _, unreached := s3.New(cfg).Get(t.Context(), l, "p/key", 1)
	if !s3.Unreached(unreached) || !strings.Contains(unreached.Error(), "S3 is not reached: check the endpoint") {
		t.Errorf("not reached: %v", unreached)
	}
	_, _, missing := client.Get(t.Context(), l, "p/key", 1)
	if s3.Unreached(missing) || s3.Unreached(nil) {
		t.Errorf("%v counts as not reached", missing)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	_, _, stopped := client.Get(ended, l, "p/key", 1)
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"not reached": {unreached, true},
		"cut":         {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true},
		"stopped":     {stopped, false},
		"no error":    {nil, false},
		"ours":        {errors.New("it has more than 5 bytes"), false},
	} {
		if got := s3.Transient(c.err); got != c.want {
			t.Errorf("%s: %v is transient: %v", name, c.err, got)
		}
	}
}

// Ensure a call that the service asks to slow down or fails is made again.
func TestRetries(t *testing.T) {
	var calls atomic.Int32
	server := &embedded.Server{Fault: func(*http.Request, string, string) embedded.Fault {
		if calls.Add(1)%3 != 0 {
			return embedded.Fault{Status: http.StatusServiceUnavailable}
		}
		return embedded.Fault{}
	}}
	server.CreateBucket("bucket")
	client, l := at(t, server)
	if _, err := client.Put(t.Context(), l, "p/key", []byte("text")); err != nil {
		t.Fatal(err)
	}
	if got, _, err := client.Get(t.Context(), l, "p/key", 10); err != nil || string(got) != "text" {
		t.Errorf("%q, %v", got, err)
	}
}

// Ensure a download goes on as long as each connection gives something, and ends
// with how far it came when none does.
func TestOpen_Cuts(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 50_000)
	var calls, good atomic.Int32
	server := &embedded.Server{Fault: func(*http.Request, string, string) embedded.Fault {
		if calls.Add(1) > good.Load() {
			return embedded.Fault{Status: http.StatusForbidden}
		}
		return embedded.Fault{CutBody: 20_000}
	}}
	server.CreateBucket("bucket")
	server.Set("bucket", "p/key", content)
	client, l := at(t, server)
	read := func() ([]byte, error) {
		calls.Store(0)
		r, err := client.Open(t.Context(), l, "p/key")
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(r)
	}
	good.Store(1000)
	if got, err := read(); err != nil || !bytes.Equal(got, content) || calls.Load() < 20 {
		t.Errorf("%d bytes over %d connections, %v", len(got), calls.Load(), err)
	}
	good.Store(3)
	if _, err := read(); err == nil || !strings.Contains(err.Error(), "broke after ") || !strings.Contains(err.Error(), "of 500000 bytes") || !strings.Contains(err.Error(), "check the credentials") {
		t.Errorf("no longer allowed: %v", err)
	}
}

// Ensure a connection that gives nothing counts as broken.
func TestOpen_Stalls(t *testing.T) {
	s3.Stall(t, 50*time.Millisecond)
	content := bytes.Repeat([]byte("0123456789"), 1000)
	var calls atomic.Int32
	client, l := at(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := 0
		if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil && r.Header.Get("If-Match") != `"v"` {
			t.Errorf("a download goes on with If-Match %q", r.Header.Get("If-Match"))
		}
		call := calls.Add(1)
		w.Header().Set("ETag", `"v"`)
		w.Header().Set("Content-Length", strconv.Itoa(len(content)-from))
		if from > 0 {
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = w.Write(content[from:min(from+4000, len(content))])
		w.(http.Flusher).Flush()
		if call < 3 {
			<-r.Context().Done()
		}
	}))
	r, err := client.Open(t.Context(), l, "p/key")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) || calls.Load() != 3 {
		t.Errorf("%d bytes over %d connections, %v", len(got), calls.Load(), err)
	}
}
