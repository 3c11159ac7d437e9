package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/search"
)

// Ensure a stop does not wait for an OpenSearch that takes requests and stays
// silent, and names what it did not take.
func TestRun_SilentStore(t *testing.T) {
	s := newServers(t, embedded.Options{})
	release := make(chan struct{})
	defer close(release)
	asked := make(chan struct{}, 100)
	p, wait := s.start("-checkpoint-interval", "1h")
	until(t, "it reads", func() bool { return p.Status().State == "running" })
	s.search.SetFault(func(r *http.Request) *search.Fault {
		if !search.IsBulk(r) {
			return nil
		}
		asked <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
		return &search.Fault{Drop: true}
	})
	s.put(outside, dayEnds)
	<-asked
	p.StopWithin(50 * time.Millisecond)
	err := wait()
	if err == nil {
		t.Fatal("ended as if all were written")
	}
	for _, want := range []string{"stopped without a last checkpoint", " documents were not taken by OpenSearch at " + s.searchAt, "the next start goes on"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	_ = p.Stop(context.Background()) // once more is no harm
}

// Ensure that what the processor relies on is checked before it reads, in one line.
func TestMain_Relies(t *testing.T) {
	for name, c := range map[string]struct {
		broken func(s *servers)
		want   []string
	}{
		"AliasIsIndex": {func(s *servers) { put(s.t, s.searchAt+"/pickup_count") }, []string{"pickup_count at", "is an index", "-index-prefix"}},
		"NoRightToWrite": {func(s *servers) {
			s.search.SetFault(func(r *http.Request) *search.Fault {
				if search.IsBulk(r) {
					return &search.Fault{Status: http.StatusForbidden, Type: "security_exception", Reason: "no permissions for [indices:data/write/bulk]"}
				}
				return nil
			})
		}, []string{"write to indexes at", "security_exception", "rights"}},
		"NoRightToTemplates": {func(s *servers) {
			s.search.SetFault(func(r *http.Request) *search.Fault {
				if r.Method == http.MethodPut {
					return &search.Fault{Status: http.StatusForbidden, Type: "security_exception", Reason: "no permissions"}
				}
				return nil
			})
		}, []string{"put template", "security_exception"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServers(t, embedded.Options{})
			c.broken(s)
			status, _, stderr := main(s.args("-quiet")...)
			if status != 1 || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "processor: ") {
				t.Errorf("status %d, %q", status, stderr)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q does not say %q", stderr, want)
				}
			}
		})
	}
}

func put(t *testing.T, url string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
}
