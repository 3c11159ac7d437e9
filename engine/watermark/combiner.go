package watermark

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Combiner holds the watermark of every split and their combination. It is safe
// for many goroutines; it calls nobody while it holds its lock.
type Combiner struct {
	idleTimeout time.Duration
	combined    atomic.Int64
	silent      atomic.Bool // all splits are quiet

	mu        sync.Mutex
	splits    map[string]*split
	listeners []chan<- struct{}
	held      []chan<- struct{} // by Ahead, until something changes
	closed    bool
	lastMove  move // the newest move, and the newest one by another split
	otherMove move
}

type split struct {
	watermark int64
	idle      bool
	quiet     bool          // nothing new at the tip for the timeout, as of the last read
	read      bool          // as of Reading
	atTip     bool          // as of Tip
	tipSince  time.Time     // start of the unbroken run of empty reads at the tip; zero: none
	blocked   time.Duration // as Seen had it then
}

type move struct {
	id string
	at time.Time
}

// NewCombiner returns a clock without splits, at None. A split becomes idle after
// idleTimeout; 0: never.
func NewCombiner(idleTimeout time.Duration) *Combiner {
	c := &Combiner{idleTimeout: idleTimeout, splits: make(map[string]*split)}
	c.combined.Store(None)
	return c
}

// Combined is the clock: the minimum over active splits, and never lower than before.
func (c *Combiner) Combined() int64 { return c.combined.Load() }

// Listen has a token put into ch, which has room for one, whenever the clock has moved or Silent has changed.
func (c *Combiner) Listen(ch chan<- struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listeners = append(c.listeners, ch)
}

// Ahead tells whether a split's watermark is more than drift ms ahead of that of another one
// that is read; backlog: and has more to read. A split that waits for its parents holds
// nobody back, for it may wait for the one that it would hold. While the clock shows
// nothing, none is ahead. If it is, wake, which has room for a token, gets one when it is
// time to ask again; nil: nobody waits.
func (c *Combiner) Ahead(id string, drift int64, backlog bool, wake chan<- struct{}) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	mine, ok := c.splits[id]
	clock := c.combined.Load()
	if !ok || clock == None || !far(mine.watermark, clock, drift) {
		return false
	}
	for _, s := range c.splits {
		if s.read && !s.idle && !(backlog && s.atTip) && far(mine.watermark, s.watermark, drift) {
			if wake != nil && !slices.Contains(c.held, wake) {
				c.held = append(c.held, wake)
			}
			return true
		}
	}
	return false
}

func far(ahead, behind, drift int64) bool {
	return ahead > behind && uint64(ahead)-uint64(behind) > uint64(drift)
}

// Reading notes that a split is read from now on.
func (c *Combiner) Reading(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.splits[id]; ok {
		s.read = true
	}
}

// Tip notes whether a split has nothing more to read for now.
func (c *Combiner) Tip(id string, at bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.splits[id]; ok && s.atTip != at {
		s.atTip = at
		c.release()
	}
}

// Register adds a split with its watermark, or lowers that of a split already
// there (a child whose second parent ended earlier in event time). It holds the clock
// from now on, None entirely. idle: it does not count until it has caught up. The
// clock does not move before Refresh, so that splits registered one after the other
// count as one step.
func (c *Combiner) Register(id string, watermark int64, idle bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.register(id, watermark, idle)
}

// Refresh moves the clock to where the registered splits allow.
func (c *Combiner) Refresh() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recombine()
}

func (c *Combiner) register(id string, watermark int64, idle bool) {
	if s, ok := c.splits[id]; ok {
		s.watermark = min(s.watermark, watermark)
		c.release()
		return
	}
	c.splits[id] = &split{watermark: watermark, idle: idle}
	c.setSilent(false)
}

// Advance raises a split's watermark; a lower one is ignored.
func (c *Combiner) Advance(id string, watermark int64, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.splits[id]
	if !ok || watermark <= s.watermark {
		return
	}
	s.watermark, s.quiet = watermark, false
	c.setSilent(false)
	if c.lastMove.id != id {
		c.otherMove = c.lastMove
	}
	c.lastMove = move{id: id, at: now}
	c.wake(s)
	c.recombine()
	c.release()
}

// End removes a split that has ended. Its children are registered in the same
// step with its last watermark, so the clock does not jump between the two.
func (c *Combiner) End(id string, children []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.splits[id]
	if !ok {
		return
	}
	for _, child := range children {
		c.register(child, s.watermark, s.idle)
	}
	delete(c.splits, id)
	c.recombine()
	c.release()
}

// Close moves the clock to Max: no split will ever follow.
func (c *Combiner) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.setSilent(false)
	c.set(Max)
}

// recombine sets the clock to the minimum over active splits. With none of them it stands.
func (c *Combiner) recombine() {
	lowest, active := Max, false
	for _, s := range c.splits {
		if !s.idle {
			active = true
			lowest = min(lowest, s.watermark)
		}
	}
	if active && !c.closed {
		c.set(lowest)
	}
}

func (c *Combiner) set(watermark int64) {
	if watermark <= c.combined.Load() {
		return
	}
	c.combined.Store(watermark)
	c.tell()
}

// tell puts a token into each listener's channel.
func (c *Combiner) tell() { wakeAll(c.listeners) }

// release lets whoever is held back ask again.
func (c *Combiner) release() {
	wakeAll(c.held)
	c.held = c.held[:0]
}

func wakeAll(channels []chan<- struct{}) {
	for _, ch := range channels {
		select {
		case ch <- struct{}{}:
		default: // it has not looked since the last time
		}
	}
}

// Restore sets the clock of a job that goes on from a checkpoint, before any split is registered.
func (c *Combiner) Restore(floor int64) { c.combined.Store(floor) }
