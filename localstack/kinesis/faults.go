package kinesis

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Fault is what befalls one request.
type Fault struct {
	// Status 500 or 503 fails the whole call before it does anything; 0 does not.
	Status int
	// FailEntries is the share (0 to 1) of the entries of a PutRecords that fail
	// with InternalFailure and are not stored.
	FailEntries float64
	// Drop cuts the connection in the middle of the answer: the call has had its
	// effect, the client cannot know.
	Drop bool
	// Delay holds the request back first.
	Delay time.Duration
}

// Faults chooses faults by rates (0 to 1 of all requests) or by a function. The zero
// value injects none. The sequence of choices depends on Seed alone; which
// request meets which choice depends on the order of arrival.
type Faults struct {
	Seed        uint64
	Fail        float64       // share of calls answered 500 InternalFailure
	Unavailable float64       // share of calls answered 503 ServiceUnavailable
	FailEntries float64       // share of the entries of PutRecords that fail
	Drop        float64       // share of calls whose answer is cut off
	Delay       float64       // share of calls held back
	MaxDelay    time.Duration // the longest of these, uniform above 0

	// Hook, if set, replaces the rates: it is asked with the operation's name
	// for every request, by many goroutines.
	Hook func(operation string) Fault
}

func (f Faults) check() error {
	for _, rate := range []float64{f.Fail, f.Unavailable, f.FailEntries, f.Drop, f.Delay} {
		if !(rate >= 0 && rate <= 1) {
			return fmt.Errorf("fault rate %v is not in [0, 1]", rate)
		}
	}
	if f.MaxDelay < 0 {
		return fmt.Errorf("fault delay %v is negative", f.MaxDelay)
	}
	return nil
}

func (f Faults) none() bool {
	return f.Hook == nil && f.Fail == 0 && f.Unavailable == 0 && f.FailEntries == 0 && f.Drop == 0 && f.Delay == 0
}

// faults draws from a Faults; it is replaced while requests run.
type faults struct {
	mu      sync.Mutex
	current Faults
	off     bool
	random  *rand.Rand
	stopped chan struct{} // closed by stop
	once    sync.Once
}

func newFaults(first Faults) *faults {
	f := &faults{stopped: make(chan struct{})}
	f.set(first)
	return f
}

func (f *faults) set(next Faults) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.current, f.off = next, next.none()
	f.random = rand.New(rand.NewPCG(next.Seed, 0x6b696e65736973))
}

// stop releases the requests that are being delayed.
func (f *faults) stop() { f.once.Do(func() { close(f.stopped) }) }

// choose returns the fault of one request.
func (f *faults) choose(operation string) Fault {
	f.mu.Lock()
	if f.off {
		f.mu.Unlock()
		return Fault{}
	}
	if hook := f.current.Hook; hook != nil {
		f.mu.Unlock()
		return hook(operation)
	}
	defer f.mu.Unlock()
	fault := Fault{FailEntries: f.current.FailEntries}
	// Every rate draws, so that changing one leaves the others' choices alone.
	fail, busy, drop, delay := f.random.Float64(), f.random.Float64(), f.random.Float64(), f.random.Float64()
	length := f.random.Float64()
	switch {
	case fail < f.current.Fail:
		fault.Status = 500
	case busy < f.current.Unavailable:
		fault.Status = 503
	}
	fault.Drop = drop < f.current.Drop
	if delay < f.current.Delay {
		fault.Delay = time.Duration(length * float64(f.current.MaxDelay))
	}
	return fault
}

// entryFails draws for one entry of a PutRecords.
func (f *faults) entryFails(share float64) bool {
	if share <= 0 {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.random.Float64() < share
}
