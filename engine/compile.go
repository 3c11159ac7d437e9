package engine

import (
	"context"
	"sync/atomic"

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
	over     chan struct{} // closed, with err in place, when the job goes on to another attempt
	err      error
	finished atomic.Int64 // sources that have ended
}

// builder is handed through a chain while the operators of one subtask are made.
type builder struct {
	a           *attempt
	task        *runtime.Task
	at          *place
	subtask     int
	parallelism int // of the vertex
}

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
	return v.head.build(&builder{a: a, task: t, at: at, subtask: subtask, parallelism: v.parallelism})
}
