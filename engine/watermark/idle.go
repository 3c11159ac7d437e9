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
		s.tipSince, s.quiet = time.Time{}, false
		c.setSilent(false)
		c.wake(s)
	case interrupted || s.tipSince.IsZero():
		s.tipSince, s.blocked, s.quiet = now, blocked, false
		c.setSilent(false)
	case now.Sub(s.tipSince)-(blocked-s.blocked) >= c.idleTimeout:
		if !s.idle && c.movedSince(id, s.tipSince) {
			s.idle = true
			c.recombine()
			c.release()
		}
		s.quiet = true
		c.setSilent(c.allQuiet())
	}
}

// Silent reports whether the source is idle as a whole: all its splits have been at their tips
// for the timeout. The clock stands, and whoever combines it with others' need not wait for it.
func (c *Combiner) Silent() bool { return c.silent.Load() }

func (c *Combiner) allQuiet() bool {
	for _, s := range c.splits {
		if !s.quiet {
			return false
		}
	}
	return !c.closed
}

func (c *Combiner) setSilent(silent bool) {
	if c.silent.Swap(silent) != silent {
		c.tell()
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
