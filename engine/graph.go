package engine

import (
	"context"
	"fmt"
	"slices"
)

type kind int

const (
	kindSource kind = iota
	kindProcess
	kindKeyed
	kindSink
)

// plan is the graph of a job. It is fixed once the job runs: compile makes an
// attempt of it as often as need be, and writes nothing into it.
type plan struct {
	name   string
	nodes  []*node
	heads  []head // sources first come first, then exchanges in the order of the plan
	err    error  // the first fault
	sealed bool   // the job has begun to run
}

// node is one operator of the graph. Its name is its stable id.
type node struct {
	name    string
	kind    kind
	inputs  []*node
	ship    string                                             // how elements come to a head; "": it is a source, or chained
	chained bool                                               // runs in the task of its only input
	sides   map[string]any                                     // *Stream[R] by tag
	publish func(ctx context.Context, prepared [][]byte) error // of a sink: what no commit covered
}

// head begins a vertex, a chain of operators that run as one task a subtask: a
// source, or the reading end of an exchange.
type head interface {
	headNode() *node
	// link makes what the subtasks of both ends share in one attempt, before any build.
	link(a *attempt, v *vertex) error
	// build makes the operators of one subtask.
	build(b *builder) error
}

func (p *plan) addNode(name string, k kind) *node {
	n := &node{name: name, kind: k, sides: make(map[string]any), chained: k != kindSource}
	if name == "" {
		p.fail("an operator has no name")
	}
	if p.node(name) != nil {
		p.fail("two operators are named %q", name)
	}
	if p.sealed {
		panic(fmt.Sprintf("engine: operator %q is added to job %s, which runs already", name, p.name))
	}
	p.nodes = append(p.nodes, n)
	return n
}

func (p *plan) addEdge(from, to *node) {
	if !slices.Contains(to.inputs, from) {
		to.inputs = append(to.inputs, from)
	}
}

// node finds an operator by name.
func (p *plan) node(name string) *node {
	for _, n := range p.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

// fail keeps the first fault of the plan; Run returns it.
func (p *plan) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("plan job %s: %s", p.name, fmt.Sprintf(format, args...))
	}
}

// check finds what only a whole plan can lack.
func (p *plan) check(c *Config) error {
	if p.err == nil && !slices.ContainsFunc(p.nodes, func(n *node) bool { return n.kind == kindSource }) {
		p.fail("it has no source")
	}
	for name := range c.ParallelismOf {
		if n := p.node(name); n == nil || n.chained {
			p.fail("ParallelismOf names %q, which is not the first operator of a task", name)
		}
	}
	return p.err
}
