package engine

import (
	"sync"
	"time"
)

// Clock gives processing time as a value, so that tests turn it by hand.
type Clock interface {
	Now() time.Time
	// Ticker delivers about every d until stop is called. A slow reader misses ticks.
	Ticker(d time.Duration) (ticks <-chan time.Time, stop func())
}

// SystemClock is the wall clock.
type SystemClock struct{}

// Now implements Clock.
func (SystemClock) Now() time.Time { return time.Now() }

// Ticker implements Clock.
func (SystemClock) Ticker(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTicker(d)
	return t.C, t.Stop
}

// ManualClock stands still until Advance. The zero value starts at the epoch.
type ManualClock struct {
	mu      sync.Mutex
	now     time.Time
	tickers map[*manualTicker]struct{}
}

type manualTicker struct {
	every time.Duration
	next  time.Time
	c     chan time.Time
}

// NewManualClock returns a clock that shows now.
func NewManualClock(now time.Time) *ManualClock { return &ManualClock{now: now} }

// Now implements Clock.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Ticker implements Clock.
func (c *ManualClock) Ticker(d time.Duration) (<-chan time.Time, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tickers == nil {
		c.tickers = make(map[*manualTicker]struct{})
	}
	t := &manualTicker{every: d, next: c.now.Add(d), c: make(chan time.Time, 1)}
	c.tickers[t] = struct{}{}
	return t.c, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.tickers, t)
	}
}

// Advance moves the clock on and delivers the ticks that fall due.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for t := range c.tickers {
		if c.now.Before(t.next) {
			continue
		}
		for !c.now.Before(t.next) {
			t.next = t.next.Add(t.every)
		}
		select {
		case t.c <- c.now:
		default: // as time.Ticker: a slow reader misses ticks
		}
	}
}
