package engine

import (
	"fmt"
	"slices"
	"time"

	"taxistream/engine/checkpoint"
)

// sinkOperator drives a SinkWriter: the end of a chain.
type sinkOperator[T any] struct {
	base
	writer SinkWriter[T]
	ticker SinkTicker // nil: it does not want ticks
	// pending are the states of Prepare whose checkpoints are not committed yet, by id. Each
	// barrier writes all of them: the checkpoint that prepared one may have failed, or its
	// commit may still be on its way when the next barrier passes.
	pending []prepared
}

// prepared is what a sink returned at a barrier.
type prepared struct {
	id    int64
	state []byte
}

func newSinkOperator[T any](t *taskBuild, n *node, sink Sink[T]) (input[T], error) {
	o := &sinkOperator[T]{base: newBase(t, n)}
	writer, err := sink.Open(t.task.ctx, Subtask{Operator: n.name, Index: t.subtask, Parallelism: t.run.config.Parallelism}, t.run.dealt(n, t.subtask))
	if err != nil {
		return nil, &OperatorError{Operator: n.name, Subtask: t.subtask, Err: fmt.Errorf("open: %w", err)}
	}
	o.writer = writer
	o.ticker, _ = writer.(SinkTicker)
	t.run.opened(o)
	return o, nil
}

func (o *sinkOperator[T]) elements(batch []Element[T]) error {
	before := o.enter()
	o.n.in.Add(int64(len(batch)))
	if err := o.writer.Write(o.task.ctx, batch); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	o.n.out.Add(int64(len(batch)))
	o.leave(before)
	return nil
}

func (o *sinkOperator[T]) barrier(b *barrier) error {
	before := o.enter()
	state, err := o.writer.Prepare(o.task.ctx, b.id)
	if err != nil {
		return fmt.Errorf("prepare checkpoint %d: %w", b.id, err)
	}
	if state != nil {
		o.pending = append(o.pending, prepared{id: b.id, state: state})
	}
	var all [][]byte
	for _, p := range o.pending {
		all = append(all, p.state)
	}
	if all != nil {
		o.task.keep(o.node, checkpoint.OperatorState{List: all})
	}
	o.leave(before)
	return nil
}

func (o *sinkOperator[T]) tick(now time.Time) error {
	if o.ticker == nil {
		return nil
	}
	before := o.enter()
	if err := o.ticker.Tick(o.task.ctx, now); err != nil {
		return fmt.Errorf("tick: %w", err)
	}
	o.leave(before)
	return nil
}

func (o *sinkOperator[T]) committed(id int64) error {
	before := o.enter()
	if err := o.writer.Committed(o.task.ctx, id); err != nil {
		return fmt.Errorf("commit checkpoint %d: %w", id, err)
	}
	o.pending = slices.DeleteFunc(o.pending, func(p prepared) bool { return p.id <= id })
	o.leave(before)
	return nil
}

func (o *sinkOperator[T]) close() error {
	if err := o.writer.Close(); err != nil {
		return &OperatorError{Operator: o.node.name, Subtask: o.task.subtask, Err: fmt.Errorf("close: %w", err)}
	}
	return nil
}
