package engine

import (
	"context"
	"errors"
	"runtime/debug"

	"taxistream/engine/checkpoint"
)

// task is one subtask of a chain of operators: one goroutine, ended by the end of
// its input, the job's context or its own failure.
type task struct {
	run     *run
	ctx     context.Context //nolint:containedctx // the run's: a task lives as long
	head    *node
	subtask int
	first   control // of the chain
	current *node   // the operator that runs now

	states        map[*node]checkpoint.OperatorState // of the barrier being taken
	notify        chan struct{}                      // one token: a checkpoint is whole
	lastBarrier   int64
	lastCommitted int64
}

// taskBuild is handed through the chain while its operators are made.
type taskBuild struct {
	run     *run
	task    *task
	subtask int
}

// work runs the loop and makes its failure, or its panic, an error that names the operator.
func (t *task) work(loop func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			stack := string(debug.Stack())
			t.run.config.Logger.Error("operator panics", "operator", t.current.name, "subtask", t.subtask, "panic", v, "stack", stack)
			err = t.blame(&PanicError{Value: v, Stack: stack})
		}
	}()
	if err := loop(); err != nil {
		return t.blame(err)
	}
	return nil
}

func (t *task) blame(err error) error {
	var named *OperatorError
	if errors.As(err, &named) {
		return err
	}
	return &OperatorError{Operator: t.current.name, Subtask: t.subtask, Err: err}
}

// snapshot takes the chain's state at a barrier, sends the barrier on behind it
// and answers the coordinator.
func (t *task) snapshot(b *barrier) error {
	assertf(b.id > t.lastBarrier, "barrier %d follows %d in %s", b.id, t.lastBarrier, t.head.name)
	t.lastBarrier = b.id
	if t.states == nil {
		t.states = make(map[*node]checkpoint.OperatorState)
	}
	if err := t.first.barrier(b); err != nil {
		return err
	}
	a := ack{barrier: b, task: t, states: t.states}
	t.states = nil
	select {
	case t.run.acks <- a:
		return nil
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
}

// keep adds an operator's state to the barrier being taken.
func (t *task) keep(n *node, s checkpoint.OperatorState) {
	if t.states == nil {
		t.states = make(map[*node]checkpoint.OperatorState)
	}
	t.states[n] = s
}

// commit tells the chain about the newest whole checkpoint.
func (t *task) commit() error {
	id := t.run.completed.Load()
	if id <= t.lastCommitted {
		return nil
	}
	t.lastCommitted = id
	return t.first.committed(id)
}

// last waits, after an orderly end, for the final checkpoint.
func (t *task) last() error {
	select {
	case <-t.run.finalDone:
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
	return t.commit()
}
