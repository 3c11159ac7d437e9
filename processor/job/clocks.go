package job

import (
	"maps"
	"sync"
)

// Mark is a watermark record: where it stood and what it said.
type Mark struct {
	Shard, Sequence    string
	Watermark, Arrival int64 // ms
}

// ShardClock is what the watermark records of one shard did, since the start of the process.
type ShardClock struct {
	Raised  Mark  // the last one that moved the shard's watermark; zero: none did
	Refused int64 // how many were too far ahead of their arrival
	Last    Mark  // the last one that was refused; zero: none was
}

// Clocks keeps the ShardClock of each shard under -event-time producer, so that a
// wrong watermark can be found: in the status, and in the stream. It is safe for
// many goroutines.
type Clocks struct {
	mu     sync.Mutex
	shards map[string]ShardClock
}

// maxClocks bounds the shards that are kept. A full table is emptied: only a stream that
// was resharded thousands of times fills it.
const maxClocks = 1 << 14

// Shards are the clocks by shard.
func (c *Clocks) Shards() map[string]ShardClock {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.shards)
}

func (c *Clocks) raised(m Mark) {
	c.change(m.Shard, func(s *ShardClock) { s.Raised = m })
}

// refused counts a watermark and returns how many of its shard were refused so far.
func (c *Clocks) refused(m Mark) int64 {
	return c.change(m.Shard, func(s *ShardClock) {
		s.Refused++
		s.Last = m
	}).Refused
}

func (c *Clocks) change(shard string, f func(*ShardClock)) ShardClock {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, known := c.shards[shard]
	if c.shards == nil || !known && len(c.shards) >= maxClocks {
		c.shards = make(map[string]ShardClock)
	}
	f(&s)
	c.shards[shard] = s
	return s
}
