package opensearch_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// fixture is an embedded store, and what its client told of its troubles.
type fixture struct {
	*storetest.Store
	said *sayings
}

// sayings keeps what the client told of the server's troubles.
type sayings struct {
	mu            sync.Mutex
	troubles, ups []string
}

func (s *sayings) trouble(m string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.troubles = append(s.troubles, m)
}

func (s *sayings) up(m string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ups = append(s.ups, m)
}

func (s *sayings) counts() (troubles, ups int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.troubles), len(s.ups)
}

func (s *sayings) first() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.troubles) == 0 {
		return ""
	}
	return s.troubles[0]
}

func newFixture(t testing.TB, o search.Options) *fixture {
	t.Helper()
	said := &sayings{}
	return &fixture{storetest.New(t, o, options("", said)), said}
}

func newClient(t testing.TB, base string, said *sayings) *opensearch.Client {
	t.Helper()
	return storetest.Client(t, options(base, said))
}

// options are those of a client that does not wait long.
func options(base string, said *sayings) opensearch.Options {
	return opensearch.Options{
		Endpoint: base, MinBackoff: time.Millisecond, MaxBackoff: 4 * time.Millisecond,
		RequestTimeout: 5 * time.Second, OnTrouble: said.trouble, OnRecovered: said.up,
	}
}

// once makes a fault that strikes the first n bulk requests.
func once(n int, f search.Fault) search.FaultFunc {
	var mu sync.Mutex
	return func(r *http.Request) *search.Fault {
		mu.Lock()
		defer mu.Unlock()
		if !search.IsBulk(r) || n == 0 {
			return nil
		}
		n--
		return &f
	}
}

// versions reads what is in an alias: version by id.
func (f *fixture) versions(t testing.TB, alias string) map[string]int64 {
	t.Helper()
	out := make(map[string]int64)
	for h, err := range f.Client.All(context.Background(), opensearch.Scan{Index: alias, Sort: results.UniqueSort(alias), PageSize: 7}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := out[h.ID]; twice {
			t.Errorf("document %s was found twice", h.ID)
		}
		out[h.ID] = h.Version
	}
	return out
}
