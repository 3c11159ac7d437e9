//go:build flink

package flink

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
)

// store is an embedded results store.
type store struct {
	t   *testing.T
	o   *opensearch.Client
	url string
}

func newStore(t *testing.T) *store {
	t.Helper()
	server, err := search.New(search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &store{t: t}
	if s.url, err = server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	if s.o, err = opensearch.New(opensearch.Options{Endpoint: s.url}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.o.Close)
	return s
}

func (s *store) export() string {
	s.t.Helper()
	var b strings.Builder
	if _, err := results.Export(s.t.Context(), s.o, "", &b); err != nil && !opensearch.NotFound(err) {
		s.t.Fatal(err)
	}
	return b.String()
}

// rejects are the multiset of reason and record: the copy of a trip that is rejected, and so the
// reject's id, may be another in each run.
func (s *store) rejects() map[string]int {
	s.t.Helper()
	all := map[string]int{}
	for h, err := range s.o.All(s.t.Context(), opensearch.Scan{Index: names.TaxiRejects, Sort: results.UniqueSort(names.TaxiRejects)}) {
		if opensearch.NotFound(err) {
			return all
		}
		if err != nil {
			s.t.Fatal(err)
		}
		r, err := results.ReadReject(h)
		if err != nil {
			s.t.Fatal(err)
		}
		all[r.Reason+" "+string(r.Record)]++
	}
	return all
}

// once counts the copies of a trip that are duplicates as one: a job that is killed may have rejected
// one copy before, and reject the other one after (contract: the reject's id depends on the run).
func once(rejects map[string]int) map[string]int {
	rejects = maps.Clone(rejects)
	for k := range rejects {
		if strings.HasPrefix(k, names.ReasonDuplicate+" ") {
			rejects[k] = 1
		}
	}
	return rejects
}

// byReason adds rejects up.
func byReason(rejects map[string]int) map[string]int {
	sums := map[string]int{}
	for k, n := range rejects {
		reason, _, _ := strings.Cut(k, " ")
		sums[reason] += n
	}
	return sums
}

func difference(got, want map[string]int) string {
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if got[k] != want[k] {
			return fmt.Sprintf("%v, want %v; %d of %q, want %d", byReason(got), byReason(want), got[k], k, want[k])
		}
	}
	return fmt.Sprintf("%v, want %v", byReason(got), byReason(want))
}
