package engine

import (
	"context"
	"fmt"
	"slices"

	"taxistream/engine/internal/runtime"
)

// sinkOperator drives a SinkWriter: the end of a chain.
type sinkOperator[T any] struct {
	base
	ctx    context.Context //nolint:containedctx // the attempt's, which the operator lives as long as
	writer SinkWriter[T]
	ticker SinkTicker // nil: it does not want ticks
	// pending are the states of Prepare whose checkpoints are not committed yet, by id. Each
	// barrier writes all of them: the checkpoint that prepared one may have failed, or its
	// commit may still be on its way when the next barrier passes.
	pending []prepared
	first   *Element[T] // of the batch at work
}

// preparedState is the name of a sink's state.
const preparedState = "prepared"

// prepared is what a sink returned at a barrier.
type prepared struct {
	id    int64
	state []byte
}

func newSinkOperator[T any](b *builder, n *node, sink Sink[T]) (input[T], error) {
	o := &sinkOperator[T]{base: newBase(b, n), ctx: b.a.x.Ctx}
	share, err := b.a.from.dealt(n, b.subtask, b.parallelism)
	if err != nil {
		return nil, err
	}
	subtask := Subtask{Operator: n.name, Index: b.subtask, Parallelism: b.parallelism}
	writer, err := sink.Open(o.ctx, subtask, share)
	if err != nil {
		return nil, &OperatorError{Operator: n.name, Subtask: b.subtask, Err: fmt.Errorf("open: %w", err)}
	}
	o.writer = writer
	o.ticker, _ = writer.(SinkTicker)
	b.a.x.OnClose(o.close)
	return o, nil
}

func (o *sinkOperator[T]) elements(batch []Element[T]) error {
	o.n.in.Add(int64(len(batch)))
	o.first = nil
	if len(batch) > 0 {
		o.first = &batch[0]
	}
	if err := o.writer.Write(o.ctx, batch); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	o.first = nil
	o.n.out.Add(int64(len(batch)))
	return nil
}

// element is the first of the batch at work: a writer does not say which one it fails at.
func (o *sinkOperator[T]) element() string { return o.first.print() }

func (o *sinkOperator[T]) signal(s signal) error {
	switch s.Kind {
	case runtime.Cut:
		return o.prepare(s.Barrier.ID)
	case runtime.Committed:
		if err := o.writer.Committed(o.ctx, s.At); err != nil {
			return fmt.Errorf("commit checkpoint %d: %w", s.At, err)
		}
		o.pending = slices.DeleteFunc(o.pending, func(p prepared) bool { return p.id <= s.At })
	case runtime.Tick:
		if o.ticker == nil {
			return nil
		}
		if err := o.ticker.Tick(o.ctx, s.Now); err != nil {
			return fmt.Errorf("tick: %w", err)
		}
	case runtime.Watermark:
		o.n.watermark.Store(s.At)
	case runtime.Flush, runtime.End:
	}
	return nil
}

func (o *sinkOperator[T]) prepare(id int64) error {
	state, err := o.writer.Prepare(o.ctx, id)
	if err != nil {
		return fmt.Errorf("prepare checkpoint %d: %w", id, err)
	}
	if state != nil {
		o.pending = append(o.pending, prepared{id: id, state: state})
	}
	if n := len(o.pending); runtime.Is(runtime.ForgetPrepared) && n > 1 {
		o.pending = o.pending[n-1:]
	}
	var all [][]byte
	for _, p := range o.pending {
		all = append(all, p.state)
	}
	if all != nil {
		o.keepList(preparedState, all)
	}
	return nil
}

func (o *sinkOperator[T]) close() error {
	if err := o.writer.Close(); err != nil {
		return &OperatorError{Operator: o.node.name, Subtask: o.env.subtask, Err: fmt.Errorf("close: %w", err)}
	}
	return nil
}
