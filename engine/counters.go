package engine

import "sync/atomic"

// counters are written by one subtask, once a batch, and read by Status.
type counters struct {
	in, out, dropped atomic.Int64
	late, fired      atomic.Int64
	entries          atomic.Int64
	watermark        atomic.Int64
	fill             func() float64 // of the inbox; nil if chained
}

func newCounters() *counters {
	c := &counters{}
	c.watermark.Store(NoWatermark)
	return c
}

// greatestRoom is the most that is given to a new window before its first element.
const greatestRoom = 1 << 13

// roomFor is the room to give to a new window's state: twice what each of the open
// ones, which still fill, holds on average. So a stream of many small windows gets little.
func (b *base) roomFor(open int) int {
	return min(2*int(b.n.entries.Load())/max(open, 1), greatestRoom)
}

// checkEntries fails an operator whose state has outgrown its limit.
func (b *base) checkEntries() error {
	entries, limit := b.n.entries.Load(), int64(b.env.config.MaxStateEntries)
	if limit >= 0 && entries > limit {
		return &StateLimitError{Entries: entries, Limit: limit, Watermark: b.n.watermark.Load()}
	}
	return nil
}

func (c *counters) status() SubtaskStatus {
	s := SubtaskStatus{
		In: c.in.Load(), Out: c.out.Load(), Dropped: c.dropped.Load(), Late: c.late.Load(),
		Fired: c.fired.Load(), StateEntries: c.entries.Load(), Watermark: c.watermark.Load(),
	}
	if c.fill != nil {
		s.QueueFill = c.fill()
	}
	return s
}
