package simulation

import (
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"taxistream/localstack/kinesis"
	"taxistream/localstack/search"
)

// kind is what can happen in a world; each is counted.
type kind string

// What befalls a request.
const (
	nothing         kind = ""
	requestLost     kind = "request lost: the connection is reset before it arrives"
	silence         kind = "request never answered, and nothing done"
	refused         kind = "request refused for want of room (429, 503)"
	answerLost      kind = "answer lost: done, and the connection reset"
	answerSwallowed kind = "answer never comes, though all is done"
	answerCut       kind = "answer cut in the middle"
	delayed         kind = "request or answer delayed by seconds"
	broken          kind = "Kinesis fails a call (500, 503)"
	entriesRefused  kind = "Kinesis refuses entries of a PutRecords"
	itemsRefused    kind = "the results store refuses items of a bulk request (429)"
)

// fate is what befalls one request.
type fate struct {
	kind        kind
	status      int
	there, back time.Duration
}

// random is the generator of one thing in a world: what it draws depends on no other thing.
func (w *world) random(of string, n int) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(of))
	return rand.New(rand.NewPCG(w.seed, h.Sum64()+uint64(n)))
}

// befalls draws what happens to the next request of an operation.
func (w *world) befalls(p *process, addr, operation string) fate {
	key := p.program + " " + operation
	r := w.random(key, p.number*1_000_000+p.nth(operation))
	f := fate{there: latency(r), back: latency(r)}
	if w.calm.Load() || p.program == judge || r.Float64() >= w.plan.faults[addr] {
		return f
	}
	kinds := []kind{requestLost, answerLost, answerLost, answerCut, delayed, delayed, silence, answerSwallowed, refused}
	if addr == kinesisAddr {
		kinds = kinds[:len(kinds)-1] // the server itself knows how to refuse
	}
	f.kind = kinds[r.IntN(len(kinds))]
	f.status = []int{http.StatusServiceUnavailable, http.StatusTooManyRequests}[r.IntN(2)]
	if addr == s3Addr {
		f.status = http.StatusServiceUnavailable
	}
	if f.kind == delayed {
		f.there += time.Duration(r.Int64N(int64(4 * time.Second)))
		f.back += time.Duration(r.Int64N(int64(4 * time.Second)))
	}
	return f
}

func latency(r *rand.Rand) time.Duration {
	return time.Millisecond/2 + time.Duration(r.Int64N(int64(8*time.Millisecond)))
}

// kinesisFault is what the embedded Kinesis asks before each call.
func (w *world) kinesisFault(operation string) (f kinesis.Fault) {
	r := w.random("kinesis "+operation, int(w.asked.Add(1)))
	if w.calm.Load() || r.Float64() >= w.plan.faults[kinesisAddr] {
		return f
	}
	switch n := r.IntN(4); {
	case n < 2 && operation == "PutRecords":
		f.FailEntries = r.Float64()
		w.count(entriesRefused)
	case n == 2:
		f.Status = http.StatusInternalServerError
		w.count(broken)
	case n == 3:
		f.Status = http.StatusServiceUnavailable
		w.count(broken)
	}
	return f
}

// searchFault is what the results store asks before each request.
func (w *world) searchFault(r *http.Request) *search.Fault {
	random := w.random("search", int(w.asked.Add(1)))
	if !search.IsBulk(r) || w.calm.Load() || random.Float64() >= w.plan.faults[searchAddr] {
		return nil
	}
	w.count(itemsRefused)
	return &search.Fault{Item: func(index, id string) (int, string, string) {
		if w.random(index+id, int(w.asked.Add(1))).IntN(2) == 0 {
			return 0, "", ""
		}
		return http.StatusTooManyRequests, "es_rejected_execution_exception", "simulated"
	}}
}

func kinesisOperation(r *http.Request) string {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	return operation
}

func httpOperation(r *http.Request) string {
	if search.IsBulk(r) {
		return "bulk"
	}
	return r.Method
}
