package engine

import (
	"context"
	"errors"
	"fmt"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

// compile makes an attempt: it takes over the newest checkpoint, makes every task and
// opens the sources. On failure what was opened is closed again.
func compile(ctx context.Context, p *plan, c *Config, t *teller) (*attempt, error) {
	a := &attempt{
		plan: p, config: c, x: runtime.NewExecution(ctx, c.Clock, c.Logger), tell: t,
		vertices: make(map[*node]*vertex), counters: make(map[*node][]*counters), links: make(map[head]any), over: make(chan struct{}),
	}
	err := a.restore()
	if err == nil {
		err = a.build()
	}
	if err != nil {
		a.x.Cancel()
		return a, a.x.Close(err)
	}
	return a, nil
}

// restore loads the newest whole checkpoint and checks that this job can go on from it.
func (a *attempt) restore() error {
	if a.config.Store == nil {
		return nil
	}
	c, damaged, err := a.config.Store.Latest(a.x.Ctx)
	for _, d := range damaged {
		a.tell.lastID = max(a.tell.lastID, d.ID)
		a.config.Logger.Warn("checkpoint passed over", "checkpoint", d.ID, "error", d.Err)
	}
	switch {
	case errors.Is(err, checkpoint.ErrNone) && len(damaged) > 0 && !a.config.AllowFreshStart:
		return &NoneWholeError{Damaged: damaged}
	case errors.Is(err, checkpoint.ErrNone):
		a.tell.restored(RestoreEvent{Damaged: damaged})
		return nil
	case err != nil:
		return fmt.Errorf("read checkpoints: %w", err)
	}
	if err := a.fits(c); err != nil {
		return err
	}
	a.from = &restored{c}
	if c.Finished {
		if err := a.publishFinished(); err != nil {
			return err
		}
		return ErrFinished
	}
	a.tell.lastID = max(a.tell.lastID, c.ID)
	a.config.Logger.Info("restored", "checkpoint", c.ID, "taken", c.Time, "parallelism", c.Parallelism)
	a.tell.restored(RestoreEvent{ID: c.ID, Damaged: damaged})
	return nil
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
			err = n.publish(a.x.Ctx, list)
		}
		if err != nil {
			return &OperatorError{Operator: n.name, Err: fmt.Errorf("publish what the last checkpoint holds: %w", err)}
		}
	}
	return nil
}

func (a *attempt) fits(c *checkpoint.Checkpoint) error {
	if d := differences(c.Fingerprint, a.config.Fingerprint, a.config.FingerprintDefaults); len(d) > 0 {
		return &FingerprintError{ID: c.ID, Differs: d}
	}
	if c.MaxParallelism != a.config.MaxParallelism {
		return &IncompatibleError{ID: c.ID, Detail: fmt.Sprintf("it has %d key groups, the job %d", c.MaxParallelism, a.config.MaxParallelism)}
	}
	for _, name := range sortedKeys(c.Operators) {
		if n := a.plan.node(name); n == nil || n.kind == kindProcess {
			return &IncompatibleError{ID: c.ID, Detail: fmt.Sprintf("it holds state of an operator %q that the job does not have", name)}
		}
	}
	return nil
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
