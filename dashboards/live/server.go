package live

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server holds the last day of results and tells the open pages of changes.
type Server struct {
	o   Options
	run string // names this run: frame and cell numbers mean nothing in another
	mux *http.ServeMux

	mu       sync.Mutex // of everything down to frame
	cells    cellTable
	windows  map[int64]*window // by start
	hours    map[hourKey]*hour
	newest   int64 // start of the newest hotspot window; NoTime: none
	edge     int64 // greatest start of any window
	pairs    int   // counts in all windows
	rides    int   // cells in all hours, at most MaxPairs
	filled   fillState
	frame    uint64 // number of the last one
	taken    int64
	outside  int64 // documents older than what is kept, or beyond a limit
	squeezed int64 // windows forgotten early, for MaxPairs
	// Documents that are not as the contract has them.
	unreadable int64

	rejects  rejects
	rates    rates
	history  history
	hub      hub
	ended    chan struct{} // closed when Run ends
	said     []byte        // the status that was last looked at, without its clock; Run's alone
	renew    atomic.Bool   // a viewer has seen a status of its own, which need not be said
	beats    int           // of silence, half a second each; Run's alone
	viewers  viewers
	sameTime sameTime
}

// fillState is how far reading earlier results is.
type fillState uint8

const (
	filling fillState = iota
	filled
	unreachable // and tried again
)

func (f fillState) String() string {
	return [...]string{"reading", "read", "unreachable"}[f]
}

// New makes a server that shows nothing yet. Run brings it to life.
func New(o Options) *Server {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	s := &Server{
		o: o.filled(), run: hex.EncodeToString(id[:]),
		cells:   cellTable{number: make(map[string]int32)},
		windows: make(map[int64]*window), hours: make(map[hourKey]*hour),
		newest: NoTime, edge: NoTime,
		ended: make(chan struct{}), sameTime: newSameTime(),
	}
	if o.Store == nil {
		s.filled = filled
	}
	s.hub.init()
	s.rejects.look = make(chan struct{}, 1)
	s.routes()
	return s
}

// Handler answers /, /assets/…, /api/… and /events, with GET and HEAD only.
func (s *Server) Handler() http.Handler { return s.mux }

// Run reads earlier results from the store and then tells viewers of changes,
// until ctx ends; then it tells them of all that is left and ends their streams.
// It is called once.
func (s *Server) Run(ctx context.Context) {
	defer close(s.ended)
	var group sync.WaitGroup
	defer group.Wait()
	if s.o.Store != nil {
		group.Go(func() { s.fill(ctx); s.countRejects(ctx) })
	}
	tick := time.NewTicker(s.o.Pulse)
	defer tick.Stop()
	statusEvery := max(int(500*time.Millisecond/s.o.Pulse), 1)
	for n := 0; ; n++ {
		if n%statusEvery == 0 {
			s.sample()
		}
		s.publish(n%statusEvery == 0)
		select {
		case <-ctx.Done():
			s.settle()
			s.sample()
			s.publish(true)
			return
		case <-tick.C:
		}
	}
}

// Stats are the server's own figures; each grows only, but for those named gauges.
type Stats struct {
	Documents  int64 // taken in that changed something
	Outside    int64 // older than Keep or beyond a limit: not shown
	Unreadable int64 // not as the contract has them: not shown
	Squeezed   int64 // windows forgotten early because of MaxPairs
	Cells      int64 // known; a gauge, at most MaxCells
	Windows    int64 // kept; a gauge
	Pairs      int64 // counts kept; a gauge, at most MaxPairs and one window more
	MaxPairs   int64
	Frames     int64 // states that changed something
	Viewers    int64 // open pages; a gauge, at most MaxViewers
	MaxViewers int64
	Sent       int64 // states sent to viewers
	Skipped    int64 // states that slow viewers never saw by themselves
	Refused    int64 // viewers turned away because of MaxViewers
	Dropped    int64 // viewers ended because they took nothing
}

// Stats reads the figures.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	st := Stats{
		Documents: s.taken, Outside: s.outside, Unreadable: s.unreadable, Squeezed: s.squeezed,
		Cells: int64(len(s.cells.rows)), Windows: int64(len(s.windows)), Pairs: int64(s.pairs), MaxPairs: int64(s.o.MaxPairs),
		Frames: int64(s.frame),
	}
	s.mu.Unlock()
	v := &s.viewers
	st.Viewers, st.MaxViewers = v.open.Load(), int64(s.o.MaxViewers)
	st.Sent, st.Skipped, st.Refused, st.Dropped = v.sent.Load(), v.skipped.Load(), v.refused.Load(), v.dropped.Load()
	return st
}

type viewers struct{ open, sent, skipped, refused, dropped atomic.Int64 }
