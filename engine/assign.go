package engine

import (
	"context"
	"time"

	"taxistream/engine/internal/runtime"
)

// enumerator knows which splits a source has: it asks the source, gives each split to a
// subtask, starts it when its parents let it go, and keeps the source's clock told. What
// may begin when is split.go's; this is the loop around it. One actor a source.
//
// Invariants: a split's end is resolved, its children known and registered in the clock,
// before the split leaves the clock: so the clock never jumps over a child. retry holds
// the ends whose children could not be listed; it is looked at no sooner than retryAt.
type enumerator struct {
	a       *attempt
	node    *node
	list    func(ctx context.Context) ([]Split, error)
	read    func(s Split, subtask int) // starts to read
	bounded bool
	table   *splitTable
	clock   combiner
	waker   runtime.Waker

	retry     []splitEnd
	retryAt   time.Time
	listAt    time.Time
	askAt     time.Time // splits that left at a barrier wait for it no longer; zero: none does
	finished  bool      // a bounded source's end was told
	listedEnd bool      // since all ended, the source was listed once more
}

// combiner is the part of watermark.Combiner that an enumerator drives.
type combiner interface {
	Register(id string, watermark int64, idle bool)
	Refresh()
	End(id string, children []string)
	Idle(id string) bool
	Close()
}

// Name implements runtime.Actor.
func (m *enumerator) Name() string { return m.node.name + " splits" }

// Waker implements runtime.Actor.
func (m *enumerator) Waker() runtime.Waker { return m.waker }

// Period implements runtime.Ticking.
func (m *enumerator) Period() time.Duration {
	return min(m.a.config.TickInterval, m.a.config.DiscoverInterval)
}

// Blame implements runtime.Actor.
func (m *enumerator) Blame(err error) error {
	p := place{head: m.node}
	return p.blame(err)
}

// start takes over what was restored, lists the splits for the first time and starts those that can.
func (m *enumerator) start(ctx context.Context, restored restoredSplits, fresh bool) error {
	m.table.change(func(all *splits) {
		for _, e := range restored.entries {
			all.restore(e)
		}
		m.added(all.add(restored.unknown, false))
	})
	var listed []Split
	err := guarded(m.node, 0, "list splits", func() (err error) {
		listed, err = m.list(ctx)
		return err
	})
	if err != nil {
		return err
	}
	m.table.change(func(all *splits) {
		m.added(all.add(listed, fresh))
		for _, e := range restored.entries {
			if e.phase.over() {
				all.resolve(e)
			}
		}
		for _, id := range sortedKeys(all.byID) {
			m.register(all, all.byID[id])
		}
	})
	m.startReady()
	m.clock.Refresh()
	return nil
}

// Step implements runtime.Actor.
func (m *enumerator) Step(now time.Time) (runtime.Outcome, error) {
	ctx := m.a.x.Reading
	if ctx.Err() != nil {
		return runtime.Ended, nil
	}
	if m.listAt.IsZero() {
		m.listAt = now.Add(m.a.config.DiscoverInterval)
	}
	if end, ok := m.table.takeEnd(); ok {
		m.resolve(ctx, end, now)
		return runtime.Did, nil
	}
	if len(m.retry) > 0 && !now.Before(m.retryAt) {
		end := m.retry[0]
		m.retry = m.retry[1:]
		m.resolve(ctx, end, now)
		return runtime.Did, nil
	}
	m.startReady()
	m.release(now)
	over := m.over()
	if !now.Before(m.listAt) || over && !m.listedEnd {
		m.listAt = now.Add(m.a.config.DiscoverInterval)
		m.listedEnd = m.discover(ctx) && over
		return runtime.Did, nil
	}
	if over && !m.finished {
		m.finished = true
		m.clock.Close()
		m.a.sourceFinished()
	}
	return runtime.Idle, nil
}

// over tells whether a bounded source has come to its end, if no split is new.
func (m *enumerator) over() (over bool) {
	if m.bounded && len(m.retry) == 0 {
		m.table.change(func(all *splits) { over = all.over() })
	}
	if !over {
		m.listedEnd = false
	}
	return over
}

// resolve finds the children of a split that ended.
func (m *enumerator) resolve(ctx context.Context, end splitEnd, now time.Time) {
	m.table.change(func(*splits) { m.event(end.split) })
	children := end.children
	if m.mustList(children) {
		listed, err := m.list(ctx)
		if err != nil {
			m.a.config.Logger.Warn("list splits", "source", m.node.name, "error", err)
			m.retry, m.retryAt = append(m.retry, end), now.Add(m.a.config.TickInterval)
			return
		}
		children = append(children, listed...)
	}
	m.table.change(func(all *splits) {
		added := all.add(children, false)
		m.added(added)
		for _, e := range added {
			m.register(all, e)
		}
		all.resolve(end.split)
		m.table.moves.Add(1)
		m.clock.End(end.split.ID, end.split.children)
	})
}

// mustList: a reader that names no children may not know them; one that names a
// child of a merge may name a parent that this job has not heard of yet, and that
// must be read before it.
func (m *enumerator) mustList(children []Split) (must bool) {
	m.table.change(func(all *splits) {
		for _, child := range children {
			for _, parent := range child.Parents {
				must = must || all.byID[parent] == nil
			}
		}
	})
	return must || len(children) == 0
}

// discover lists the splits again: new ones begin, ended ones that are gone are forgotten.
func (m *enumerator) discover(ctx context.Context) (ok bool) {
	listed, err := m.list(ctx)
	if err != nil {
		if ctx.Err() == nil {
			m.a.config.Logger.Warn("list splits", "source", m.node.name, "error", err)
		}
		return false
	}
	m.table.change(func(all *splits) {
		added := all.add(listed, false)
		m.added(added)
		for _, e := range added {
			m.register(all, e)
		}
		all.forget(listed)
	})
	m.startReady()
	m.clock.Refresh()
	return true
}

// startReady begins to read the splits that can begin, and asks for a barrier where
// nothing else is missing.
func (m *enumerator) startReady() {
	var begun, open []*split
	barrier, move := false, false
	m.table.change(func(all *splits) {
		begun, open, barrier = all.ready()
		m.table.moves.Add(int64(len(begun)))
		for _, e := range begun {
			m.clock.Register(e.ID, e.Watermark, false)
			m.event(e)
		}
		for _, e := range open {
			if e.moved > 0 {
				m.event(e)
			}
			s := e.Split // a copy: the split moves on
			m.read(s, e.subtask)
		}
		if m.a.config.BalanceSplits && all.balance() {
			move = true
			m.table.moves.Add(1) // so that a barrier is due
		}
	})
	if barrier || move && m.a.config.CheckpointInterval <= 0 {
		m.a.coordinator.Request()
	}
}

// release asks for another barrier if that at which splits left was given up.
func (m *enumerator) release(now time.Time) {
	held := false
	m.table.change(func(all *splits) { held = all.held() })
	switch {
	case !held:
		m.askAt = time.Time{}
	case m.askAt.IsZero():
		m.askAt = now.Add(m.a.config.CheckpointTimeout)
	case !now.Before(m.askAt):
		m.askAt = now.Add(m.a.config.CheckpointTimeout)
		m.a.coordinator.Request()
	}
}

// register makes a split count in the clock, unless it waits and its parents,
// which count, hold the clock for it.
func (m *enumerator) register(all *splits, e *split) {
	switch e.phase {
	case reading:
		m.clock.Register(e.ID, e.Watermark, e.idle)
	case waiting:
		if w, held := all.inherited(e); !held {
			m.clock.Register(e.ID, w, false)
		}
	case moving, ended, settled: // a moving one is there
	}
}

func (m *enumerator) added(splits []*split) {
	for _, e := range splits {
		m.event(e)
	}
}

func (m *enumerator) event(e *split) {
	if hook := m.a.config.Hooks.OnSplit; hook != nil {
		hook(SplitEvent{Source: m.node.name, Split: e.ID, State: e.phase.state(), Subtask: e.subtask, Moved: e.moved})
	}
	m.a.config.Logger.Debug("split", "source", m.node.name, "split", e.ID, "state", string(e.phase.state()), "subtask", e.subtask, "time", m.a.config.Clock.Now().Format(time.RFC3339))
}
