package engine

import (
	"context"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

// kept is an operator's state at a barrier.
type kept struct {
	node  *node
	state checkpoint.OperatorState
}

func (a *attempt) newCoordinator() {
	c := a.config
	a.coordinator = runtime.NewCoordinator(a.x, runtime.Limits{
		Interval: c.CheckpointInterval, Timeout: c.CheckpointTimeout, Tolerable: c.TolerableFailedCheckpoints, Tick: c.TickInterval,
	}, a.tell.lastID, a.from.id())
	a.coordinator.Save = a.save
	a.coordinator.Ended = a.tell.checkpoint
	a.coordinator.Send = func(b *runtime.Barrier) {
		a.tell.lastID = b.ID
		for _, s := range a.sources {
			s.send(b)
		}
	}
	a.coordinator.Passed = func(id int64) {
		for _, s := range a.sources {
			s.passed(id)
		}
	}
}

// save stores a checkpoint.
func (a *attempt) save(ctx context.Context, b *runtime.Barrier, started time.Time, answers map[*runtime.Task]runtime.Answer) (bytes int64, err error) {
	if a.config.Store == nil {
		return 0, nil
	}
	operators := make(map[string]checkpoint.OperatorState)
	for _, t := range a.tasks {
		for _, k := range answers[t].States {
			k := k.(kept)
			o := operators[k.node.name]
			o.List = append(o.List, k.state.List...)
			if o.Groups == nil {
				o.Groups = make(map[int][]byte)
			}
			for g, data := range k.state.Groups {
				invariant(o.Groups[g] == nil, "key group %d of %s is in two subtasks", g, k.node.name)
				o.Groups[g] = data
			}
			operators[k.node.name] = o
		}
	}
	return a.config.Store.Save(ctx, &checkpoint.Checkpoint{
		ID: b.ID, Job: a.config.Name, Time: started, Finished: b.Finished,
		Fingerprint: a.config.Fingerprint, MaxParallelism: a.config.MaxParallelism,
		Parallelism: a.config.Parallelism, Operators: operators,
	})
}

// sourceFinished drains the job when the last of its sources, all bounded, has ended.
func (a *attempt) sourceFinished() {
	if int(a.finished.Add(1)) == len(a.sources) {
		a.coordinator.Finish(true)
	}
}

// status fills in what an attempt knows.
func (a *attempt) status(s *Snapshot) {
	s.Watermark = MaxWatermark
	for _, source := range a.sources {
		s.Watermark = min(s.Watermark, source.combined())
		s.Splits = source.status(s.Splits)
	}
	for _, n := range a.plan.nodes {
		o := OperatorStatus{Name: n.name, Chained: n.chained}
		for _, in := range n.inputs {
			o.Inputs = append(o.Inputs, in.name)
		}
		for _, c := range a.counters[n] {
			o.Subtasks = append(o.Subtasks, c.status())
		}
		s.Operators = append(s.Operators, o)
	}
}
