package engine

import (
	"context"
	"errors"
)

// status fills in what a run knows.
func (r *run) status(s *Snapshot) {
	s.Checkpoints = r.coordinator.status()
	if !r.built.Load() {
		return
	}
	s.Watermark = MaxWatermark
	for _, source := range r.job.sources {
		s.Watermark = min(s.Watermark, source.combined())
		s.Splits = source.status(s.Splits)
	}
	for _, n := range r.job.nodes {
		o := OperatorStatus{Name: n.name, Chained: n.chained}
		for _, in := range n.inputs {
			o.Inputs = append(o.Inputs, in.name)
		}
		for _, c := range n.counters {
			o.Subtasks = append(o.Subtasks, c.status())
		}
		s.Operators = append(s.Operators, o)
	}
}

// cancelled: is err only the echo of the job's cancelled context?
func (r *run) cancelled(err error) bool {
	return r.ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
}
