package engine

import (
	"sync/atomic"
	"time"

	"taxistream/engine/internal/runtime"
)

// counters are written by one subtask, once a batch, and read by Status.
type counters struct {
	in, out, dropped atomic.Int64
	bytesIn          atomic.Int64
	sent, bytesOut   atomic.Int64
	late, fired      atomic.Int64
	entries          atomic.Int64
	watermark        atomic.Int64
	fill             func() float64 // of the inbox; nil if chained
	times            *runtime.Times // of the task
}

func newCounters() *counters {
	c := &counters{}
	c.watermark.Store(NoWatermark)
	return c
}

// takeOver adds what the subtasks of an attempt counted that was rescaled: nothing was done twice.
func (c *counters) takeOver(before []*counters) {
	for _, b := range before {
		c.in.Add(b.in.Load())
		c.out.Add(b.out.Load())
		c.bytesIn.Add(b.bytesIn.Load())
		c.sent.Add(b.sent.Load())
		c.bytesOut.Add(b.bytesOut.Load())
		c.dropped.Add(b.dropped.Load())
		c.late.Add(b.late.Load())
		c.fired.Add(b.fired.Load())
	}
}

func (c *counters) status(now time.Time) SubtaskStatus {
	s := SubtaskStatus{
		In: c.in.Load(), Out: c.out.Load(), Sent: c.sent.Load(), BytesIn: c.bytesIn.Load(), BytesOut: c.bytesOut.Load(), Dropped: c.dropped.Load(), Late: c.late.Load(),
		Fired: c.fired.Load(), StateEntries: c.entries.Load(), Watermark: c.watermark.Load(),
	}
	if c.times != nil {
		spent, share := c.times.Read(now)
		s.Busy, s.Backpressured, s.Idle = spent.Busy, spent.Backpressured, spent.Idle
		s.BusyShare, s.BackpressuredShare, s.IdleShare = share[0], share[1], share[2]
	}
	if c.fill != nil {
		s.QueueFill = c.fill()
	}
	return s
}
