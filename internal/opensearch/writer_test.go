package opensearch_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// Ensure that a document does not wait for its batch to fill.
func TestWriter_FlushInterval(t *testing.T) {
	f := newFixture(t, search.Options{})
	w := f.Writer(t, opensearch.WriterOptions{FlushInterval: time.Millisecond})
	for i := range 3 {
		storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, fmt.Sprint(i), 1))
		for w.Stats().Written <= int64(i) {
			if t.Context().Err() != nil {
				t.Fatal("the document is still waiting")
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// Ensure that batches keep to their limits, and that Flush with nothing to do returns.
func TestWriter_Limits(t *testing.T) {
	var mu sync.Mutex
	var largest int64
	f := newFixture(t, search.Options{Fault: func(r *http.Request) *search.Fault {
		mu.Lock()
		defer mu.Unlock()
		if search.IsBulk(r) {
			largest = max(largest, r.ContentLength)
		}
		return nil
	}})
	w := f.Writer(t, opensearch.WriterOptions{MaxItems: 10, MaxBytes: 3000, FlushInterval: time.Hour})
	storetest.Flush(t, w)
	for i := range 100 {
		storetest.Add(t, w, storetest.Hotspot(storetest.NewYear, fmt.Sprint(i), 1))
	}
	storetest.Flush(t, w)
	storetest.Flush(t, w)
	s := w.Stats()
	if largest > 3000 || s.Requests < 15 || s.Written != 100 {
		t.Errorf("largest request %d bytes, %+v", largest, s)
	}
}

// Ensure that versions in any order, through any faults, over any batches leave
// the greatest version of each id; nothing is lost and nothing is doubled.
func TestWriter_NewestWins(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t, search.Options{})
		seed := rapid.Uint64().Draw(rt, "seed")
		f.SetFault(randomFaults(seed, rapid.IntRange(0, 60).Draw(rt, "percent")))
		w := f.Writer(t, opensearch.WriterOptions{
			MaxItems: rapid.IntRange(1, 9).Draw(rt, "items"),
			InFlight: rapid.IntRange(1, 4).Draw(rt, "in flight"),
			Queue:    rapid.IntRange(1, 3).Draw(rt, "queue"),
		})
		want := make(map[string]int64)
		for range rapid.IntRange(1, 30).Draw(rt, "documents") {
			start := storetest.NewYear + 600_000*int64(rapid.IntRange(-5, 5).Draw(rt, "window"))
			d := storetest.Hotspot(start, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "cell"), rapid.Int64Range(1, 5).Draw(rt, "version"))
			storetest.Add(t, w, d)
			want[d.ID] = max(want[d.ID], d.Version)
			if rapid.IntRange(0, 9).Draw(rt, "flush") == 0 {
				storetest.Flush(t, w)
				if w.Stats().Queued != 0 {
					rt.Fatal("documents are queued after Flush")
				}
			}
		}
		storetest.Flush(t, w)
		w.Close()
		f.SetFault(nil)
		got := f.versions(t, names.PickupCount)
		if len(got) != len(want) {
			rt.Fatalf("got %d documents, want %d", len(got), len(want))
		}
		for id, version := range want {
			if got[id] != version {
				rt.Fatalf("%s: got version %d, want %d", id, got[id], version)
			}
		}
		if err := f.Close(); err != nil {
			rt.Fatal(err)
		}
	})
}

// randomFaults strikes a share of the bulk requests with any of the troubles.
func randomFaults(seed uint64, percent int) search.FaultFunc {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 1))
	return func(r *http.Request) *search.Fault {
		mu.Lock()
		defer mu.Unlock()
		if !search.IsBulk(r) || random.IntN(100) >= percent {
			return nil
		}
		itemSeed := random.Uint64()
		items := rand.New(rand.NewPCG(itemSeed, 2)) // of this request alone
		return []*search.Fault{
			{Status: 429},
			{Status: 503},
			{Status: tooLarge(r)},
			{Drop: true},
			{CutAfter: 1 + random.IntN(100)},
			{Garble: []byte(`{"items":[`)},
			{Item: func(string, string) (int, string, string) {
				if items.IntN(2) == 0 {
					return 429, "rejected_execution_exception", ""
				}
				return 0, "", ""
			}},
		}[random.IntN(6)+items.IntN(2)]
	}
}

// tooLarge refuses whatever is more than one document.
func tooLarge(r *http.Request) int {
	if r.ContentLength > 1000 {
		return http.StatusRequestEntityTooLarge
	}
	return 0
}
