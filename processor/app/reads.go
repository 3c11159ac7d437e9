package app

import (
	"slices"
	"sync"
	"time"

	"taxistream/internal/fault"
)

// reads know how the stream answers those who read its shards.
type reads struct {
	mu      sync.Mutex
	refused int64                // for their pace, since the start
	failing map[string]time.Time // shards whose last call failed, and when
}

// failingFor is how long a shard counts as failing after its last failed call: its reader may be gone.
const failingFor = 30 * time.Second

// answered is told of the end of each call.
func (r *reads) answered(now time.Time, shard string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		delete(r.failing, shard)
		return
	case fault.Classify(err) == fault.Throttled:
		r.refused++
	}
	if r.failing == nil {
		r.failing = make(map[string]time.Time)
	}
	r.failing[shard] = now
}

// look gives the reads refused so far, and the shards whose reads fail now.
func (r *reads) look(now time.Time) (refused int64, failing []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for shard, at := range r.failing {
		if now.Sub(at) > failingFor {
			delete(r.failing, shard)
			continue
		}
		failing = append(failing, shard)
	}
	slices.Sort(failing)
	return r.refused, failing
}
