package engine

import (
	"slices"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

func (a *attempt) newCoordinator() {
	c := a.config
	a.coordinator = runtime.NewCoordinator(a.x, runtime.Limits{
		Interval: c.CheckpointInterval, Timeout: c.CheckpointTimeout, Tolerable: c.TolerableFailedCheckpoints, Tick: c.TickInterval,
	}, a.tell.lastID, a.from.id())
	a.coordinator.Store, a.coordinator.Describe = c.Store, a.describe
	a.newUploads()
	a.coordinator.Ended = a.tell.checkpoint
	a.coordinator.Send = func(b *runtime.Barrier) {
		a.tell.lastID = b.ID
		a.tell.drained = a.tell.drained || b.Finished
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

// describe makes the manifest of what the tasks answered.
func (a *attempt) describe(b *runtime.Barrier, started time.Time, answers map[*runtime.Task]runtime.Answer) *checkpoint.Checkpoint {
	c := &checkpoint.Checkpoint{
		ID: b.ID, Job: a.config.Name, Time: started, Finished: b.Finished,
		Fingerprint: a.config.Fingerprint, MaxParallelism: a.config.MaxParallelism,
		Parallelism: a.config.Parallelism, Operators: make(map[string]checkpoint.Operator),
	}
	for _, t := range a.tasks {
		for _, p := range answers[t].Parts {
			o := c.Operators[p.Operator]
			if p.Watermark != nil && (o.Watermark == nil || *o.Watermark < *p.Watermark) {
				o.Watermark = p.Watermark
			}
			if p.File != nil {
				o.Files = append(o.Files, *p.File)
			}
			c.Operators[p.Operator] = o
		}
	}
	return c
}

// uploaders is the number of files that are written at once.
const uploaders = 4

// newUploads makes what writes the parts of checkpoints. Without a store tasks answer at once.
func (a *attempt) newUploads() {
	u := &runtime.Uploads{X: a.x, Answer: a.coordinator.Answer, Number: func(operator string) int {
		return slices.IndexFunc(a.plan.nodes, func(n *node) bool { return n.name == operator })
	}}
	u.Writers(uploaders)
	a.coordinator.Uploads = u
}

// passed takes what a task keeps at a barrier.
func (a *attempt) passed(b *runtime.Barrier, t *runtime.Task, parts []runtime.Part) {
	if len(parts) == 0 || b.Writer == nil {
		a.coordinator.Uploads.Answer(runtime.Answer{Barrier: b, Task: t})
		return
	}
	a.coordinator.Uploads.Put(b, t, parts)
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
