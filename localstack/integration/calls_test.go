//go:build integration

package integration

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"

	"taxistream/infra/calls"
)

// A callRecord is of a program whose servers stand behind proxies that note its calls.
type callRecord struct {
	calls.Recorder
	t       *testing.T
	program string
}

func recordCalls(t *testing.T, program string, names map[string]string) *callRecord {
	return &callRecord{calls.Recorder{Names: names}, t, program}
}

// before starts a proxy until the test's end and returns its address.
func (r *callRecord) before(server string, proxy func(*url.URL) http.Handler) string {
	r.t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		r.t.Fatal(err)
	}
	s := httptest.NewServer(proxy(to))
	r.t.Cleanup(s.Close)
	return s.URL
}

// check holds the calls against those that the roles of the deployment are
// tested with; -update writes them.
func (r *callRecord) check() {
	r.t.Helper()
	file := filepath.Join(root, "infra", "app", "testdata", "calls-"+r.program+".json")
	got := calls.Record{
		Generated: "by go test -tags integration -run '^TestPipeline$' ./localstack/integration -update; do not edit. Numbers stand as 0.",
		Program:   r.program, Calls: r.Calls(),
	}
	if *update {
		if err := got.Save(file); err != nil {
			r.t.Fatal(err)
		}
	}
	want, err := calls.Load(file)
	if err != nil {
		r.t.Fatal(err)
	}
	if diff := calls.Diff(got.Calls, want.Calls); diff != "" {
		r.t.Errorf("the %s's calls of AWS are not those that its role is tested with; -update writes them:\n%s", r.program, diff)
	}
	Note("%s: %d different AWS calls of the %s", r.t.Name(), len(got.Calls), r.program)
}
