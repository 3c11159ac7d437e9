package engine

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

// vertex is a chain of operators in one attempt: a task for each subtask.
type vertex struct {
	head        head
	parallelism int
}

// attempt is one execution of a plan, with vertices, channels, clocks and counters of
// its own.
//
// Invariants: all fields but those of x and coordinator, which look after themselves,
// are fixed when compile returns; Status may read an attempt from then on.
type attempt struct {
	plan        *plan
	config      *Config
	x           *runtime.Execution
	coordinator *runtime.Coordinator
	from        *restored
	sources     []sourceAttempt

	vertices map[*node]*vertex     // by their heads
	counters map[*node][]*counters // by subtask
	links    map[head]any          // what both ends of a head share
	tasks    []*runtime.Task
	tell     *teller
	over     *over        // shared with the attempt that a rescale made of this one
	finished atomic.Int64 // sources that have ended
	moves    atomic.Int64 // of operators, by timers of processing time
}

// over is closed, with err in place, when the job goes on to another attempt after a failure.
type over struct {
	closed chan struct{}
	err    error
}

// sourceAttempt is a sourceLink whatever its T.
type sourceAttempt interface {
	start() error
	send(b *runtime.Barrier)
	passed(barrierID int64)
	status(dst []SplitStatus) []SplitStatus
	headNode() *node
	combined() int64
	silent() bool
	moves() int64
}

// builder is handed through a chain while the operators of one subtask are made.
type builder struct {
	a           *attempt
	task        *runtime.Task
	at          *place
	sender      *counters // of the operator whose consumers are being made
	subtask     int
	parallelism int // of the vertex
}

func (a *attempt) build() error {
	var vertices []*vertex
	for _, h := range a.plan.heads {
		v := &vertex{head: h, parallelism: a.config.Parallelism}
		if own := a.config.ParallelismOf[h.headNode().name]; own > 0 {
			v.parallelism = own
		}
		a.vertices[h.headNode()] = v
		vertices = append(vertices, v)
	}
	for _, n := range a.plan.nodes {
		for range a.vertexOf(n).parallelism {
			a.counters[n] = append(a.counters[n], newCounters())
		}
	}
	a.newCoordinator()
	for _, v := range vertices {
		if err := v.head.link(a, v); err != nil {
			return err
		}
	}
	for _, v := range vertices {
		for subtask := range v.parallelism {
			if err := a.addTask(v, subtask); err != nil {
				return err
			}
		}
	}
	a.coordinator.Tasks = a.tasks
	a.x.Add(a.coordinator)
	for _, s := range a.sources {
		if err := s.start(); err != nil {
			return err
		}
	}
	return nil
}

// vertexOf finds the vertex in whose tasks an operator runs.
func (a *attempt) vertexOf(n *node) *vertex {
	for n.chained {
		n = n.inputs[0]
	}
	return a.vertices[n]
}

func (a *attempt) addTask(v *vertex, subtask int) error {
	name := v.head.headNode().name
	t := runtime.NewTask(name, subtask, a.from.id())
	t.Whole, t.Passed, t.TickEvery = a.coordinator.Whole, a.passed, a.config.TickInterval
	at := &place{subtask: subtask, head: v.head.headNode()}
	t.Blamed = at.blame
	a.tasks = append(a.tasks, t)
	a.x.Add(t)
	return guarded(at.head, subtask, "make its task", func() error {
		return v.head.build(&builder{a: a, task: t, at: at, subtask: subtask, parallelism: v.parallelism})
	})
}

func (a *attempt) newCoordinator() {
	a.tell.newAttempt()
	c := a.config
	a.coordinator = runtime.NewCoordinator(a.x, runtime.Limits{
		Interval: c.CheckpointInterval, Timeout: c.CheckpointTimeout, Tolerable: c.TolerableFailedCheckpoints, Tick: c.TickInterval,
	}, a.tell.lastID, a.from.id())
	a.coordinator.Store, a.coordinator.Describe = c.Store, a.describe
	a.newUploads()
	a.coordinator.Ended, a.coordinator.Begun, a.coordinator.Closed = a.tell.checkpoint, a.tell.begunCheckpoint, a.tell.closedCheckpoint
	a.coordinator.Send = func(b *runtime.Barrier) {
		a.tell.lastID = b.ID
		a.tell.drained = a.tell.drained || b.Finished
		for _, s := range a.sources {
			s.send(b)
		}
	}
	a.coordinator.Moves = func() int64 {
		n := a.moves.Load()
		for _, s := range a.sources {
			n += s.moves()
		}
		return n
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
			o.Files = append(o.Files, p.Files...)
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
	u.Blamed = func(operator string, subtask int, err error) error {
		return &OperatorError{Operator: operator, Subtask: subtask, Err: fmt.Errorf("write its state: %w", unwrapPanic(err))}
	}
	u.Writers(uploaders)
	a.coordinator.Uploads = u
}

// passed takes what a task keeps at a barrier.
func (a *attempt) passed(b *runtime.Barrier, t *runtime.Task, parts []runtime.Part) {
	times := t.CutTimes()
	times.Cut = a.config.Clock.Now()
	if len(parts) == 0 || b.Writer == nil {
		times.Stored = times.Cut
		a.coordinator.Uploads.Answer(runtime.Answer{Barrier: b, Task: t, Times: times})
		return
	}
	a.coordinator.Uploads.Put(b, t, parts, times)
}

// sourceFinished drains the job when the last of its sources, all bounded, has ended.
func (a *attempt) sourceFinished() {
	if int(a.finished.Add(1)) == len(a.sources) {
		a.coordinator.Finish(true, false)
	}
}

// status fills in what an attempt knows.
func (a *attempt) status(s *Snapshot) {
	now := a.config.Clock.Now()
	s.Watermark = MaxWatermark
	s.Checkpoints.Unsaved = a.coordinator.Unsaved()
	if c := s.Checkpoints.Current; c != nil {
		c.Acknowledged = a.coordinator.Acknowledged()
	}
	idle := make(map[*node]bool)
	for _, source := range a.sources {
		idle[source.headNode()] = source.silent()
		s.Watermark = min(s.Watermark, source.combined())
		s.Splits = source.status(s.Splits)
	}
	for _, n := range a.plan.nodes {
		o := OperatorStatus{Name: n.name, Chained: n.chained, Idle: idle[n], Ship: n.ship}
		for _, in := range n.inputs {
			o.Inputs = append(o.Inputs, in.name)
		}
		for _, c := range a.counters[n] {
			o.Subtasks = append(o.Subtasks, c.status(now))
		}
		s.Operators = append(s.Operators, o)
	}
}
