package app_test

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/app"
)

func TestReady(t *testing.T) {
	answer := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/readyz" {
				t.Errorf("asked for %s", r.URL.Path)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return strings.TrimPrefix(s.URL, "http://")
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, test := range []struct {
		name   string
		args   []string
		status int
		out    string
	}{
		{"reading", []string{"-address", answer(200, "reading\n")}, 0, "reading\n"},
		{"waiting", []string{"-address", answer(503, "not reading: the job is created\n")}, 1, "503 Service Unavailable: not reading: the job is created\n"},
		{"nobody there", []string{"-address", "127.0.0.1:1"}, 1, "is it running with -listen 127.0.0.1:1?\n"},
		{"no answer in time", []string{"-timeout", "20ms", "-address", silent.Addr().String()}, 1, "context deadline exceeded"},
		{"not an address", []string{"-address", "%"}, 2, "processor ready: -address %: write host:port; see -h\n"},
		{"unknown flag", []string{"-port", "x"}, 2, "see -h\n"},
		{"help", []string{"-h"}, 0, "host:port"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			status := app.Main(t.Context(), append([]string{"ready"}, test.args...), &out, &out)
			if status != test.status || !strings.Contains(out.String(), test.out) {
				t.Errorf("status %d, %q; want %d, %q", status, &out, test.status, test.out)
			}
		})
	}
}

// The verb agrees with a processor's own port; the help names it.
func TestReady_Processor(t *testing.T) {
	s := newServers(t, embedded.Options{})
	p, _ := s.start()
	address := strings.TrimPrefix(p.URL(), "http://")
	until(t, "the verb says ready", func() bool {
		var out bytes.Buffer
		return app.Main(t.Context(), []string{"ready", "-address", address}, &out, &out) == 0 && strings.HasPrefix(out.String(), "reading\nstate: starting: ")
	})
	var help bytes.Buffer
	if status := app.Main(t.Context(), []string{"-h"}, &help, &help); status != 0 || !strings.Contains(help.String(), "processor ready") {
		t.Errorf("status %d; the help does not name the verb:\n%s", status, &help)
	}
}
