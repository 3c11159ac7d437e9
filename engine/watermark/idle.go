package watermark

import "time"

// Seen notes one successful read of a split: whether it found nothing new at the
// tip, and whether reads failed since the one before. A split is idle after
// idleTimeout of unbroken reads at its tip during which another split moved. blocked is
// how long whoever reads the split has been held up in all: that time does not count,
// since nobody can tell what the split had then.
func (c *Combiner) Seen(id string, emptyAtTip, interrupted bool, now time.Time, blocked time.Duration) {
	if c.idleTimeout <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.splits[id]
	switch {
	case !ok:
	case !emptyAtTip:
		s.tipSince = time.Time{}
		c.wake(s)
	case interrupted || s.tipSince.IsZero():
		s.tipSince, s.blocked = now, blocked
	case !s.idle && now.Sub(s.tipSince)-(blocked-s.blocked) >= c.idleTimeout && c.movedSince(id, s.tipSince):
		s.idle = true
		c.recombine()
	}
}

// Idle reports whether a split is idle, or has returned and not yet caught up.
func (c *Combiner) Idle(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.splits[id]
	return ok && s.idle
}

// wake makes a returning split count again once its watermark has reached the clock.
func (c *Combiner) wake(s *split) {
	if s.idle && s.watermark >= c.combined.Load() && s.watermark != None {
		s.idle = false
	}
}

// movedSince: did a split other than id move after since?
func (c *Combiner) movedSince(id string, since time.Time) bool {
	m := c.lastMove
	if m.id == id {
		m = c.otherMove
	}
	return m.id != "" && m.id != id && m.at.After(since)
}
