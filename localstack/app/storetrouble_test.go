package app_test

import (
	"hash/fnv"
	"io"
	"maps"
	"net/http"
	"os"
	"sync/atomic"
	"testing"

	"taxistream/internal/opensearch"
	"taxistream/localstack/localtest"
	"taxistream/localstack/search"
)

// onBulk injects faults into bulk requests alone; it is given their number, from 1.
func onBulk(fault func(n int64, r *http.Request) *search.Fault) search.FaultFunc {
	var n atomic.Int64
	return func(r *http.Request) *search.Fault {
		if !search.IsBulk(r) {
			return nil
		}
		return fault(n.Add(1), r)
	}
}

// someItems refuses one item in three of a request, others each time.
func someItems(n int64, status int, kind string) *search.Fault {
	return &search.Fault{Item: func(_, id string) (int, string, string) {
		h := fnv.New32a()
		io.WriteString(h, id)
		if (int64(h.Sum32()%1000)+n)%3 != 0 {
			return 0, "", ""
		}
		return status, kind, "not now"
	}}
}

// cutRequest reads a part of a request and resets its connection.
func cutRequest(r *http.Request) *search.Fault {
	_, _ = io.CopyN(io.Discard, r.Body, 500)
	return &search.Fault{Drop: true}
}

// cutAnswers cuts every other answer: the documents are written, and the writer cannot know.
func cutAnswers() search.FaultFunc {
	return onBulk(func(n int64, _ *http.Request) *search.Fault {
		if n%2 == 0 {
			return nil
		}
		return &search.Fault{CutAfter: 20}
	})
}

// storeTroubles are the ways in which a results store fails for a while, and the
// reason under which the writer counts what it then writes again.
var storeTroubles = map[string]struct {
	fault  func() search.FaultFunc
	counts opensearch.RetryReason
}{
	"ItemsThrottled": {func() search.FaultFunc {
		return onBulk(func(n int64, _ *http.Request) *search.Fault {
			return someItems(n, http.StatusTooManyRequests, "circuit_breaking_exception")
		})
	}, opensearch.RetryThrottled},
	"ResetInMidRequest": {func() search.FaultFunc {
		return onBulk(func(n int64, r *http.Request) *search.Fault {
			if n%2 == 0 {
				return nil
			}
			return cutRequest(r)
		})
	}, opensearch.RetryUnreachable},
	"AwayForAWhile": {func() search.FaultFunc {
		return onBulk(func(n int64, _ *http.Request) *search.Fault {
			if n < 3 || n > 5 {
				return nil
			}
			return &search.Fault{Status: http.StatusServiceUnavailable, Type: "cluster_manager_not_discovered_exception", Reason: "away"}
		})
	}, opensearch.RetryUnavailable},
	"AllAtOnce": {func() search.FaultFunc {
		return onBulk(func(n int64, r *http.Request) *search.Fault {
			switch n % 12 {
			case 1:
				return someItems(n, http.StatusTooManyRequests, "es_rejected_execution_exception")
			case 4:
				return &search.Fault{CutAfter: 100}
			case 7:
				return cutRequest(r)
			case 10:
				return &search.Fault{Garble: []byte("<html>")}
			}
			return nil
		})
	}, opensearch.RetryUnreachable},
}

// Ensure a store in trouble changes no byte of the results and no reject: nothing is
// lost, and what is written twice is there once.
func TestStoreTrouble(t *testing.T) {
	source := generatedDay(t, 5000)
	trips := oracleRead(t, source)
	want, rejected := oracle(t, trips)
	for name, trouble := range storeTroubles {
		if name != "AllAtOnce" && os.Getenv("TAXI_MATRIX") != "all" {
			continue // it has each of the others' troubles
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 3)
			w.search.SetFault(trouble.fault())
			_, produced := w.produce(source, "30000") // a day in three seconds, so that there are many requests
			p, stop := w.processor("-parallelism", "3", "-flush-interval", "20ms")
			if err := <-produced; err != nil {
				t.Fatal(err)
			}
			w.reaches(p, lastEvent(trips)+1)
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			w.search.SetFault(nil)
			w.wantResults(want, rejected)
			stats := p.Documents()
			if stats.Retries[trouble.counts] == 0 || w.search.Stats().Faults == 0 || stats.Poisoned != 0 {
				t.Errorf("%d faults injected; %+v, want some counted as %s and none refused for good", w.search.Stats().Faults, stats, trouble.counts)
			}
			t.Logf("%d requests for %d documents, tried again %v", stats.Requests, stats.Written, stats.Retries)
		})
	}
}

// Ensure a processor that loses its checkpoints while the store is in trouble, and
// starts over, writes what is missing and nothing else.
func TestStoreTroubleAndStartOver(t *testing.T) {
	source := generatedDay(t, 5000)
	trips := oracleRead(t, source)
	want, rejected := oracle(t, trips)
	w := newWorld(t, 3)
	_, produced := w.produce(source, "0")
	if err := <-produced; err != nil {
		t.Fatal(err)
	}
	for _, fault := range []search.FaultFunc{storeTroubles["ItemsThrottled"].fault(), cutAnswers(), nil} {
		w.search.SetFault(fault)
		w.dir = t.TempDir()
		p, stop := w.processor("-flush-interval", "20ms")
		waitFor(t, "some documents are written", func() bool { return p.Documents().Written > 100 })
		if fault == nil {
			w.reaches(p, lastEvent(trips)+1)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	w.wantResults(want, rejected)
}

// lastEvent is the latest dropoff, ms.
func lastEvent(trips []localtest.Trip) (end int64) {
	for _, trip := range trips {
		end = max(end, trip.Dropoff.UnixMilli())
	}
	return end
}

// wantResults fails unless the store holds these documents, and as many rejects of each reason.
func (w *world) wantResults(want []byte, rejected map[string]int) {
	w.t.Helper()
	if diff := diffLines([]byte(w.export()), want); diff != "" {
		w.t.Error(diff)
	}
	got := map[string]int{}
	for _, r := range w.rejects() {
		got[r.Reason]++
	}
	if !maps.Equal(got, rejected) {
		w.t.Errorf("rejects %v, want %v", got, rejected)
	}
}
