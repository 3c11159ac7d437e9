package source

import (
	"maps"
	"sync"
)

// Tip is a read of a shard behind which there was nothing more.
type Tip struct {
	Began    uint64 // its number among the reads of all shards, in the order in which they began
	Elements int64  // that had been read of the shard in this run, these included
}

// Begun counts the reads that have begun: the next one has a higher number.
func (s *Source) Begun() uint64 { return s.begun.Load() }

// Tips are the newest reads to the tip of the shards that are being read. They
// tell what was read, which may be ahead of what the job has taken in.
func (s *Source) Tips() map[string]Tip { return s.tips.all() }

// tips is safe for many goroutines; it holds the shards that are being read.
type tips struct {
	mu sync.Mutex
	by map[string]Tip
}

func (t *tips) set(shard string, tip Tip) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by == nil {
		t.by = make(map[string]Tip)
	}
	t.by[shard] = tip
}

func (t *tips) forget(shard string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, shard)
}

func (t *tips) all() map[string]Tip {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.by)
}
