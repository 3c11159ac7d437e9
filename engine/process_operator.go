package engine

import "fmt"

// processOperator calls a ProcessFunc for each element.
type processOperator[T, R any] struct {
	base
	process ProcessFunc[T, R]
	out     *Collector[R]
}

func newProcessOperator[T, R any](t *taskBuild, n *node, open func(*Subtask) (ProcessFunc[T, R], error), out *Stream[R]) (input[T], error) {
	o := &processOperator[T, R]{base: newBase(t, n)}
	var err error
	if o.out, err = out.build(t, &o.base); err != nil {
		return nil, err
	}
	sides, err := buildSides(t, &o.base)
	if err != nil {
		return nil, err
	}
	o.process, err = open(&Subtask{Operator: n.name, Index: t.subtask, Parallelism: t.run.config.Parallelism, base: &o.base, sides: sides})
	if err != nil {
		return nil, &OperatorError{Operator: n.name, Subtask: t.subtask, Err: fmt.Errorf("open: %w", err)}
	}
	return o, nil
}

func (o *processOperator[T, R]) elements(batch []Element[T]) error {
	before := o.enter()
	o.n.in.Add(int64(len(batch)))
	for i := range batch {
		if err := o.process(&batch[i], o.out); err != nil {
			return err
		}
	}
	if err := o.settle(); err != nil {
		return err
	}
	o.leave(before)
	return nil
}

// passOperator hands batches on as they are: the head of a union's task.
type passOperator[T any] struct {
	base
	out *Collector[T]
}

func newPassOperator[T any](t *taskBuild, n *node, out *Stream[T]) (input[T], error) {
	o := &passOperator[T]{base: newBase(t, n)}
	var err error
	o.out, err = out.build(t, &o.base)
	return o, err
}

func (o *passOperator[T]) elements(batch []Element[T]) error {
	o.n.in.Add(int64(len(batch)))
	o.out.pass(batch)
	return o.out.err
}
