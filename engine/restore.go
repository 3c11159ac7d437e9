package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

// compile makes an attempt: it takes over the newest checkpoint, makes every task and
// opens the sources. On failure what was opened is closed again.
func compile(ctx context.Context, p *plan, c *Config, t *teller) (*attempt, error) {
	a := &attempt{
		plan: p, config: c, x: runtime.NewExecution(ctx, c.Clock, c.Logger), tell: t,
		vertices: make(map[*node]*vertex), counters: make(map[*node][]*counters), links: make(map[head]any), over: &over{closed: make(chan struct{})},
	}
	err := runtime.Contain(func() error {
		if err := a.restore(); err != nil {
			return err
		}
		return a.build()
	})
	if err != nil {
		err = unwrapPanic(err)
		a.x.Cancel()
		return a, a.x.Close(err)
	}
	return a, nil
}

// restore loads the checkpoint to go on from and checks that this job can.
func (a *attempt) restore() error {
	c, event, err := a.newest()
	if err != nil {
		return err
	}
	if c == nil {
		a.tell.restored(event)
		return nil
	}
	if event.Dropped, err = a.fits(c); err != nil {
		return err
	}
	a.from = &restored{c}
	if c.Finished {
		if err := a.publishFinished(); err != nil {
			return err
		}
		return ErrFinished
	}
	event.ID = c.ID
	a.config.Logger.Info("restored", "checkpoint", c.ID, "savepoint", event.Savepoint, "taken", c.Time, "parallelism", c.Parallelism)
	for _, name := range event.Dropped {
		a.config.Logger.Warn("state dropped", "checkpoint", c.ID, "operator", name)
	}
	a.tell.restored(event)
	return nil
}

// newest finds what to go on from, nil: nothing. Whatever is in the store, the checkpoints to come have
// higher ids.
func (a *attempt) newest() (c *checkpoint.Checkpoint, event RestoreEvent, err error) {
	t := a.tell
	if a.config.Store != nil {
		c, event.Damaged, err = a.config.Store.Latest(a.x.Ctx)
		if err != nil && !errors.Is(err, checkpoint.ErrNone) {
			return nil, event, fmt.Errorf("read checkpoints: %w", err)
		}
	}
	for _, d := range event.Damaged {
		t.lastID = max(t.lastID, d.ID)
		a.config.Logger.Warn("checkpoint passed over", "checkpoint", d.ID, "error", d.Err)
	}
	if c != nil {
		t.lastID = max(t.lastID, c.ID)
	}
	s := a.config.Savepoint
	if s != nil && !t.begun {
		t.lastID = max(t.lastID, s.ID)
		t.found = t.lastID
	}
	t.begun = true
	switch {
	case s != nil && (c == nil || c.ID <= t.found): // not even one whose answer was lost: sinks have what it holds
		event.Savepoint = true
		return s, event, nil
	case c == nil && len(event.Damaged) > 0 && !a.config.AllowFreshStart:
		return nil, event, &NoneWholeError{Damaged: event.Damaged}
	}
	return c, event, nil
}

// publishFinished has the sinks publish what they had prepared at the last checkpoint of a
// drained job: the process may have ended before they could.
func (a *attempt) publishFinished() error {
	for _, n := range a.plan.nodes {
		if n.publish == nil {
			continue
		}
		list, _, err := a.from.list(n)
		if err == nil && len(list) > 0 {
			err = guarded(n, 0, "publish what the last checkpoint holds", func() error { return n.publish(a.x.Ctx, list) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fits checks that the job can go on from c; dropped are the operators whose state it drops.
func (a *attempt) fits(c *checkpoint.Checkpoint) (dropped []string, err error) {
	if d := differences(c.Fingerprint, a.config.Fingerprint, a.config.FingerprintDefaults); len(d) > 0 {
		return nil, &FingerprintError{ID: c.ID, Differs: d}
	}
	if c.MaxParallelism != a.config.MaxParallelism {
		return nil, &IncompatibleError{ID: c.ID, Detail: fmt.Sprintf("it has %d key groups, the job %d", c.MaxParallelism, a.config.MaxParallelism)}
	}
	for _, name := range sortedKeys(c.Operators) {
		if n := a.plan.node(name); n != nil && n.kind != kindProcess {
			continue
		}
		if !a.config.AllowNonRestoredState && !slices.Contains(a.config.MayDrop, name) {
			return nil, &IncompatibleError{ID: c.ID, Detail: fmt.Sprintf("it holds state of an operator %q that the job does not have", name)}
		}
		dropped = append(dropped, name)
	}
	return dropped, nil
}

// differences compares a checkpoint's fingerprint with the job's; defaults stand for keys that it does not name.
func differences(theirs, ours, defaults map[string]string) (d []FingerprintDifference) {
	keys := make(map[string]bool)
	for k := range theirs {
		keys[k] = true
	}
	for k := range ours {
		keys[k] = true
	}
	for _, k := range sortedKeys(keys) {
		there, named := theirs[k]
		if !named {
			there = defaults[k]
		}
		if there != ours[k] {
			d = append(d, FingerprintDifference{Key: k, Checkpoint: there, Job: ours[k]})
		}
	}
	return d
}
