package live

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/results"
)

// rejects counts the documents of taxi_rejects by reason, in the store, so that
// a restart and a replay change nothing.
type rejects struct {
	written atomic.Int64  // reject documents confirmed in this run
	look    chan struct{} // has one when pages were opened or closed

	mu    sync.Mutex
	known bool
	count map[string]int64
}

const (
	rejectInterval = 2 * time.Second // between two counts while rejects come in
	maxReasons     = 64              // more than there are
)

// countRejects counts while a page is open: when the first one opens and then
// after rejects were written, once more a while later because a store shows what
// it took after a refresh only.
func (s *Server) countRejects(ctx context.Context) {
	tick := time.NewTicker(rejectInterval)
	defer tick.Stop()
	seen, again := int64(-1), 0
	for {
		switch n := s.rejects.written.Load(); {
		case s.viewers.open.Load() == 0:
			s.rejects.set(nil, false)
			seen, again = -1, 0
		case n != seen:
			seen, again = n, 2
		}
		if again > 0 && s.countOnce(ctx) == nil {
			again--
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.rejects.look:
		}
	}
}

// countOnce asks for all reasons at once.
func (s *Server) countOnce(ctx context.Context) error {
	groups, err := s.o.Store.Top(ctx, s.o.Prefix+names.TaxiRejects, results.FieldReason, "", maxReasons)
	if err != nil {
		if ctx.Err() == nil {
			s.o.Notify("control room: count rejects: " + err.Error())
		}
		return err
	}
	count := make(map[string]int64, len(groups))
	for _, g := range groups {
		count[g.Key] = g.Documents
	}
	s.rejects.set(count, true)
	return nil
}

// wake makes the counter look whether a page is open.
func (r *rejects) wake() {
	select {
	case r.look <- struct{}{}:
	default: // it is about to
	}
}

func (r *rejects) set(count map[string]int64, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.count = known, count
}

// byReason gives the store's counts, or the process's own where there are none.
func (s *Server) byReason(st Status) (count map[string]int64, stored bool) {
	s.rejects.mu.Lock()
	defer s.rejects.mu.Unlock()
	if s.rejects.known {
		return s.rejects.count, true
	}
	return st.Rejects, false
}
