package engine

import (
	"errors"
	"fmt"

	"taxistream/engine/checkpoint"
)

// restore loads the newest whole checkpoint and checks that this job can go on from it.
func (r *run) restore() error {
	if r.config.Store == nil {
		return nil
	}
	c, damaged, err := r.config.Store.Latest(r.ctx)
	last := int64(0)
	for _, d := range damaged {
		last = max(last, d.ID)
		r.config.Logger.Warn("checkpoint passed over", "checkpoint", d.ID, "error", d.Err)
	}
	switch {
	case errors.Is(err, checkpoint.ErrNone) && len(damaged) > 0 && !r.config.AllowFreshStart:
		return &NoneWholeError{Damaged: damaged}
	case errors.Is(err, checkpoint.ErrNone):
		r.coordinator.begin(last, 0)
		r.restoreEvent(RestoreEvent{Damaged: damaged})
		return nil
	case err != nil:
		return fmt.Errorf("read checkpoints: %w", err)
	}
	if err := r.fits(c); err != nil {
		return err
	}
	r.from = c
	r.completed.Store(c.ID)
	r.coordinator.begin(max(last, c.ID), c.ID)
	r.config.Logger.Info("restored", "checkpoint", c.ID, "taken", c.Time, "parallelism", c.Parallelism)
	r.restoreEvent(RestoreEvent{ID: c.ID, Damaged: damaged})
	return nil
}

func (r *run) restoreEvent(e RestoreEvent) {
	if hook := r.config.Hooks.OnRestore; hook != nil {
		hook(e)
	}
}

func (r *run) fits(c *checkpoint.Checkpoint) error {
	if d := differences(c.Fingerprint, r.config.Fingerprint, r.config.FingerprintDefaults); len(d) > 0 {
		return &FingerprintError{ID: c.ID, Differs: d}
	}
	if c.Finished {
		return ErrFinished
	}
	if c.MaxParallelism != r.config.MaxParallelism {
		return &IncompatibleError{ID: c.ID, Detail: fmt.Sprintf("it has %d key groups, the job %d", c.MaxParallelism, r.config.MaxParallelism)}
	}
	for _, name := range sortedKeys(c.Operators) {
		if !r.hasState(name) {
			return &IncompatibleError{ID: c.ID, Detail: fmt.Sprintf("it holds state of an operator %q that the job has not", name)}
		}
	}
	return nil
}

func (r *run) hasState(name string) bool {
	for _, n := range r.job.nodes {
		if n.name == name && n.kind != kindProcess {
			return true
		}
	}
	return false
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

// restored is an operator's state in the checkpoint that the job goes on from.
func (r *run) restored(n *node) (checkpoint.OperatorState, bool) {
	if r.from == nil {
		return checkpoint.OperatorState{}, false
	}
	s, ok := r.from.Operators[n.name]
	return s, ok
}

// dealt is a subtask's share of an operator's list.
func (r *run) dealt(n *node, subtask int) (share [][]byte) {
	s, _ := r.restored(n)
	for i, entry := range s.List {
		if i%r.config.Parallelism == subtask {
			share = append(share, entry)
		}
	}
	return share
}

func (r *run) incompatible(format string, args ...any) error {
	return &IncompatibleError{ID: r.from.ID, Detail: fmt.Sprintf(format, args...)}
}
