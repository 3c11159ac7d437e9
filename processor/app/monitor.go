package app

import (
	"sync"
	"time"

	"taxistream/dashboards/live"
)

const (
	standing   = 10 * time.Second // a watermark that stands for so long is stale
	settled    = 2 * time.Second  // a watermark that stands for so long is the last one, if nothing waits for another
	behind     = 10 * time.Second // reading is behind from here
	liveWithin = 30 * time.Second // event time within this of the wall clock is of now
)

// monitor remembers what one look at the figures cannot tell.
type monitor struct {
	mu        sync.Mutex
	condition live.Condition // of the last look, and since when
	since     time.Time
	trends    trends
	store     string // what is wrong with the results store; "": it answers
}

// storeTrouble notes that the results store does not answer, or does again ("").
func (m *monitor) storeTrouble(message string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.store = message
}

func (m *monitor) trouble() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.store
}

// look notes the figures of a moment and sums up the last span; fell: by the last look the pipeline fell behind.
func (m *monitor) look(l look) (sum trend, fell bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.trends.note(l), m.condition == live.FallingBehind
}

// enter notes the condition and returns since when it holds.
func (m *monitor) enter(now time.Time, c live.Condition) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.condition != c {
		m.condition, m.since = c, now
	}
	return m.since
}
