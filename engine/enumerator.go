package engine

import (
	"context"
	"fmt"
	"time"
)

// enumerator knows which splits there are, gives each to a subtask, starts it when
// its parents have ended, and keeps the source's clock told. One goroutine a
// source, ended by the reading context.
type enumerator struct {
	run     *run
	node    *node
	list    func(ctx context.Context) ([]Split, error)
	read    func(e *splitEntry) // starts to read, in a goroutine of its own
	bounded bool
	table   *splitTable
	clock   combiner

	unresolved []endedSplit // ends whose children could not be listed yet
	closed     bool
}

// combiner is the part of watermark.Combiner that an enumerator drives.
type combiner interface {
	Register(id string, watermark int64, idle bool)
	Refresh()
	End(id string, children []string)
	Idle(id string) bool
	Close()
}

// start takes over what was restored, lists the splits for the first time and starts those that can.
func (m *enumerator) start(ctx context.Context, restored restoredSplits, fresh bool) error {
	m.table.mu.Lock()
	for _, e := range restored.entries {
		e.subtask = m.table.least(m.run.config.Parallelism)
		m.table.entries[e.ID] = e
	}
	m.add(restored.unknown, false)
	m.table.mu.Unlock()

	listed, err := m.list(ctx)
	if err != nil {
		return &OperatorError{Operator: m.node.name, Err: fmt.Errorf("list splits: %w", err)}
	}
	m.table.mu.Lock()
	defer m.table.mu.Unlock()
	m.add(listed, fresh)
	for _, e := range restored.entries {
		if e.state == SplitEnded {
			e.children = m.childrenOf(e.ID)
			e.resolved = true
		}
	}
	for _, id := range sortedKeys(m.table.entries) {
		m.register(m.table.entries[id])
	}
	m.startReady()
	m.clock.Refresh()
	return nil
}

// loop looks for new splits and resolves ends until ctx ends.
func (m *enumerator) loop(ctx context.Context) {
	config := m.run.config
	ticks, stop := config.Clock.Ticker(config.TickInterval)
	defer stop()
	nextListing := config.Clock.Now().Add(config.DiscoverInterval)
	token(m.table.wake) // a restored, bounded source may be at its end already
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.table.wake:
			m.resolve(ctx)
		case now := <-ticks:
			if len(m.unresolved) > 0 {
				m.resolve(ctx)
			}
			if !now.Before(nextListing) {
				m.discover(ctx)
				nextListing = now.Add(config.DiscoverInterval)
			}
			m.finish(ctx)
		}
	}
}

// look does at once what the loop would do when woken.
func (m *enumerator) look(ctx context.Context) bool {
	select {
	case <-m.table.wake:
		m.resolve(ctx)
		return true
	default:
		return false
	}
}

// resolve finds the children of the splits that ended and starts what can start.
func (m *enumerator) resolve(ctx context.Context) {
	ended := append(m.unresolved, m.table.takeEnded()...)
	m.unresolved = nil
	for _, end := range ended {
		m.event(end.entry)
		children := end.children
		if m.mustList(children) {
			listed, err := m.list(ctx)
			if err != nil {
				m.run.config.Logger.Warn("list splits", "source", m.node.name, "error", err)
				m.unresolved = append(m.unresolved, end)
				continue
			}
			children = append(children, listed...)
		}
		m.table.mu.Lock()
		for _, e := range m.add(children, false) {
			m.register(e)
		}
		end.entry.children = m.childrenOf(end.entry.ID)
		end.entry.resolved = true
		m.clock.End(end.entry.ID, end.entry.children)
		m.table.mu.Unlock()
	}
	m.table.mu.Lock()
	m.startReady()
	m.table.mu.Unlock()
	m.finish(ctx)
}

// mustList: a reader that names no children may not know them; one that names a
// child of a merge may name a parent that this job has not heard of yet, and that
// must be read before it.
func (m *enumerator) mustList(children []Split) bool {
	m.table.mu.Lock()
	defer m.table.mu.Unlock()
	for _, child := range children {
		for _, parent := range child.Parents {
			if m.table.entries[parent] == nil {
				return true
			}
		}
	}
	return len(children) == 0
}

// discover lists the splits again: new ones begin, ended ones that are gone are forgotten.
func (m *enumerator) discover(ctx context.Context) (ok bool) {
	listed, err := m.list(ctx)
	if err != nil {
		if ctx.Err() == nil {
			m.run.config.Logger.Warn("list splits", "source", m.node.name, "error", err)
		}
		return false
	}
	m.table.mu.Lock()
	defer m.table.mu.Unlock()
	for _, e := range m.add(listed, false) {
		m.register(e)
	}
	m.prune(listed)
	m.startReady()
	m.clock.Refresh()
	return true
}

// add enters splits that are not known yet. A child goes to the subtask of its
// first parent, so that the order of each key is kept without waiting.
func (m *enumerator) add(splits []Split, initial bool) (added []*splitEntry) {
	for _, s := range splits {
		if m.table.entries[s.ID] != nil {
			continue
		}
		e := &splitEntry{
			Split: Split{ID: s.ID, Parents: append([]string(nil), s.Parents...), Watermark: NoWatermark, Initial: initial},
			state: SplitWaiting, subtask: unplaced,
		}
		added = append(added, e)
	}
	for _, e := range added {
		m.table.entries[e.ID] = e
	}
	for _, e := range added {
		m.place(e)
		m.event(e)
	}
	return added
}

// place chooses the subtask of a split that has none.
func (m *enumerator) place(e *splitEntry) {
	if e.subtask != unplaced {
		return
	}
	e.subtask = m.table.least(m.run.config.Parallelism)
	for _, parent := range e.Parents {
		if p := m.table.entries[parent]; p != nil && p != e {
			m.place(p)
			e.subtask = p.subtask
			return
		}
	}
}

// childrenOf are the known splits that name id as a parent.
func (m *enumerator) childrenOf(id string) (children []string) {
	for _, child := range sortedKeys(m.table.entries) {
		for _, parent := range m.table.entries[child].Parents {
			if parent == id {
				children = append(children, child)
			}
		}
	}
	return children
}

// register makes a split count in the clock, unless it waits and its parents,
// which count, hold the clock for it.
func (m *enumerator) register(e *splitEntry) {
	switch e.state {
	case SplitReading:
		m.clock.Register(e.ID, e.Watermark, e.idle)
	case SplitWaiting:
		if w, held := m.inherited(e); !held {
			m.clock.Register(e.ID, w, false)
		}
	case SplitEnded:
	}
}

// inherited is the lowest last watermark of the parents that have ended. held: all
// known parents are still being read.
func (m *enumerator) inherited(e *splitEntry) (watermark int64, held bool) {
	known, ended := 0, 0
	watermark = MaxWatermark
	for _, parent := range e.Parents {
		p := m.table.entries[parent]
		if p == nil {
			continue
		}
		known++
		if p.state == SplitEnded {
			ended++
			watermark = min(watermark, p.Watermark)
		}
	}
	if ended == 0 {
		watermark = NoWatermark
	}
	return watermark, known > 0 && ended == 0
}

// finish ends a bounded source whose splits have all ended, if none is new.
func (m *enumerator) finish(ctx context.Context) {
	if !m.bounded || m.closed || len(m.unresolved) > 0 || !m.allEnded() {
		return
	}
	if !m.discover(ctx) || !m.allEnded() {
		return
	}
	m.closed = true
	m.clock.Close()
	m.run.sourceFinished()
}

func (m *enumerator) allEnded() bool {
	m.table.mu.Lock()
	defer m.table.mu.Unlock()
	for _, e := range m.table.entries {
		if e.state != SplitEnded || !e.resolved {
			return false
		}
	}
	return true
}

func (m *enumerator) event(e *splitEntry) {
	if hook := m.run.config.Hooks.OnSplit; hook != nil {
		hook(SplitEvent{Source: m.node.name, Split: e.ID, State: e.state, Subtask: e.subtask})
	}
	m.run.config.Logger.Debug("split", "source", m.node.name, "split", e.ID, "state", string(e.state), "subtask", e.subtask, "time", m.run.config.Clock.Now().Format(time.RFC3339))
}
