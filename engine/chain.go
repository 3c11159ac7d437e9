package engine

import (
	"sync/atomic"

	"taxistream/engine/internal/runtime"
)

// signal is what flows beside the elements, in order with them.
type signal = runtime.Signal

// input is an operator as the one before it in the chain sees it, or the writer
// of an exchange. It is driven by calls from its task's steps. It may write into the
// elements of a batch only if it heads its task: then nobody shares them.
type input[T any] interface {
	operator
	elements(batch []Element[T]) error
	signal(s signal) error
}

// output is a collector, whatever its type.
type output interface {
	signal(s signal) error
	// emit hands on what the operator emitted during a call.
	emit() error
}

// base is what all operators share: they forward signals to what follows them.
type base struct {
	node *node
	n    *counters
	env  *env
	outs []output // collectors, main output first
	// since is the first barrier from which on keyed state has not changed; 0: it has, since the last.
	since int64
}

// env is what an operator may know of where it runs.
type env struct {
	subtask, parallelism int
	config               *Config // read only
	task                 *runtime.Task
	at                   *place
	// moves counts what operators did by themselves, without their sources, that a checkpoint keeps.
	moves *atomic.Int64
}

func newEnv(b *builder) *env {
	return &env{subtask: b.subtask, parallelism: b.parallelism, config: b.a.config, task: b.task, at: b.at, moves: &b.a.moves}
}

func newBase(b *builder, n *node) base {
	c := b.a.counters[n][b.subtask]
	c.times = &b.task.Times
	return base{node: n, n: c, env: newEnv(b)}
}

func (b *base) name() string    { return b.node.name }
func (b *base) element() string { return "" }

// signal forwards s; a Cut comes here once the operator has kept its state.
func (b *base) signal(s signal) error {
	if s.Kind == runtime.Watermark {
		b.n.watermark.Store(s.At)
	}
	for _, out := range b.outs {
		if err := out.signal(s); err != nil {
			return err
		}
	}
	return nil
}

// emit ends an operator's call: everything it emitted goes on.
func (b *base) emit() error {
	for _, out := range b.outs {
		if err := out.emit(); err != nil {
			return err
		}
	}
	return nil
}

// chainHead makes the first operator of a task known to the runtime.
type chainHead struct {
	at    *place
	first interface {
		operator
		signal(s signal) error
	}
}

// Signal implements runtime.Chain.
func (c chainHead) Signal(s signal) error {
	c.at.current, c.at.origin = c.first, nil
	return c.first.signal(s)
}
