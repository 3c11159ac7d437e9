package engine

import (
	"fmt"
	"slices"
	"time"
)

type kind int

const (
	kindSource kind = iota
	kindProcess
	kindKeyed
	kindSink
)

// node is one operator of the graph. Its name is its stable id.
type node struct {
	name     string
	kind     kind
	inputs   []*node
	chained  bool           // runs in the task of its only input
	sides    map[string]any // *Stream[R] by tag
	counters []*counters    // by subtask
}

func (j *Job) addNode(name string, k kind) *node {
	n := &node{name: name, kind: k, sides: make(map[string]any), chained: k != kindSource}
	if name == "" {
		j.fail("an operator has no name")
	}
	for _, other := range j.nodes {
		if other.name == name {
			j.fail("two operators are named %q", name)
		}
	}
	j.nodes = append(j.nodes, n)
	return n
}

func (j *Job) addEdge(from, to *node) {
	if !slices.Contains(to.inputs, from) {
		to.inputs = append(to.inputs, from)
	}
}

// fail keeps the first fault of the plan; Run returns it.
func (j *Job) fail(format string, args ...any) {
	if j.planErr == nil {
		j.planErr = fmt.Errorf("plan job %s: %s", j.config.Name, fmt.Sprintf(format, args...))
	}
}

// head begins a task: a source, or the reading end of an exchange.
type head interface {
	// prepare makes what the subtasks of both ends share; it runs before any build.
	prepare(r *run)
	// build makes the operators of one subtask's task and what drives them.
	build(t *taskBuild) (worker, error)
	headNode() *node
}

// worker drives one task: by its loop in a goroutine, or step by step under a Driver.
type worker interface {
	// loop works until the input ends, something fails or the job's context ends.
	loop() error
	// step handles one thing that is there to be handled. ended: the input is over.
	step() (did, ended bool, err error)
	// onTick passes processing time on.
	onTick(now time.Time) error
}
