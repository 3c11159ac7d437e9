package live

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/results"
)

// rejects counts the documents of taxi_rejects by reason, in the store, so that
// a restart and a replay change nothing.
type rejects struct {
	written atomic.Int64 // reject documents confirmed in this run

	mu    sync.Mutex
	known bool
	count map[string]int64
}

// rejectInterval is the time between two counts while rejects come in.
const rejectInterval = 2 * time.Second

// countRejects counts at the start and then after rejects were written, once
// more a while later because a store shows what it took after a refresh only.
func (s *Server) countRejects(ctx context.Context) {
	tick := time.NewTicker(rejectInterval)
	defer tick.Stop()
	seen, again := int64(-1), 0
	for {
		if n := s.rejects.written.Load(); n != seen {
			seen, again = n, 2
		}
		if again > 0 && s.countOnce(ctx) == nil {
			again--
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Server) countOnce(ctx context.Context) error {
	count := make(map[string]int64, len(s.o.Reasons))
	for _, reason := range s.o.Reasons {
		query, err := json.Marshal(map[string]any{"term": map[string]string{results.FieldReason: reason}})
		if err != nil {
			return err
		}
		n, err := s.o.Store.Count(ctx, s.o.Prefix+names.TaxiRejects, query)
		if err != nil {
			if ctx.Err() == nil {
				s.o.Notify("control room: count rejects: " + err.Error())
			}
			return err
		}
		if n > 0 {
			count[reason] = n
		}
	}
	s.rejects.mu.Lock()
	defer s.rejects.mu.Unlock()
	s.rejects.known, s.rejects.count = true, count
	return nil
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
