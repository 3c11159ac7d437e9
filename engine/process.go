package engine

// ProcessFunc handles one element: it emits any number of elements to out, and
// to the side outputs it asked SideCollector for. The element is valid during the
// call. An error fails the job; bad data belongs in a side output.
type ProcessFunc[T, R any] func(e *Element[T], out *Collector[R]) error

// Process adds a stateless operator. open is called once a subtask, before its
// first element, so a function may own scratch memory.
func Process[T, R any](in *Stream[T], name string, open func(*Subtask) (ProcessFunc[T, R], error)) *Stream[R] {
	n := in.job.plan.addNode(name, kindProcess)
	out := newStream[R](in.job, n)
	in.connect(n, func(b *builder) (input[T], error) { return newProcessOperator(b, n, open, out) })
	return out
}

// FlatMap adds an operator that makes any number of elements of each, at the same event time:
// f hands each of them to emit.
func FlatMap[T, R any](in *Stream[T], name string, f func(v *T, emit func(R))) *Stream[R] {
	return Process(in, name, func(*Subtask) (ProcessFunc[T, R], error) {
		var at int64
		var to *Collector[R]
		emit := func(r R) { to.Emit(r, at) }
		return func(e *Element[T], out *Collector[R]) error {
			at, to = e.EventTime, out
			f(&e.Value, emit)
			return nil
		}, nil
	})
}

// Map adds an operator that makes one element of each, at the same event time.
func Map[T, R any](in *Stream[T], name string, f func(*T) R) *Stream[R] {
	return Process(in, name, func(*Subtask) (ProcessFunc[T, R], error) {
		return func(e *Element[T], out *Collector[R]) error {
			out.Emit(f(&e.Value), e.EventTime)
			return nil
		}, nil
	})
}

// Filter adds an operator that keeps the elements for which keep holds.
func Filter[T any](in *Stream[T], name string, keep func(*T) bool) *Stream[T] {
	return Process(in, name, func(*Subtask) (ProcessFunc[T, T], error) {
		return func(e *Element[T], out *Collector[T]) error {
			if keep(&e.Value) {
				out.Emit(e.Value, e.EventTime)
			}
			return nil
		}, nil
	})
}

// processOperator calls a ProcessFunc for each element.
type processOperator[T, R any] struct {
	base
	process ProcessFunc[T, R]
	out     *Collector[R]
	current *Element[T] // the element at work
}

func newProcessOperator[T, R any](b *builder, n *node, open func(*Subtask) (ProcessFunc[T, R], error), out *Stream[R]) (input[T], error) {
	o := &processOperator[T, R]{base: newBase(b, n)}
	main, sides, err := buildOutputs(b, &o.base, out)
	if err != nil {
		return nil, err
	}
	o.out = main
	return o, guarded(n, b.subtask, "open", func() (err error) {
		o.process, err = open(&Subtask{Operator: n.name, Index: b.subtask, Parallelism: b.parallelism, base: &o.base, sides: sides})
		return err
	})
}

func (o *processOperator[T, R]) elements(batch []Element[T]) error {
	o.n.in.Add(int64(len(batch)))
	for i := range batch {
		o.current = &batch[i]
		if err := o.process(o.current, o.out); err != nil {
			return err
		}
	}
	o.current = nil
	return o.emit()
}

func (o *processOperator[T, R]) element() string { return o.current.print() }

// passOperator hands batches on as they are: the head of a union's task.
type passOperator[T any] struct {
	base
	out *Collector[T]
}

func newPassOperator[T any](b *builder, n *node, out *Stream[T]) (input[T], error) {
	o := &passOperator[T]{base: newBase(b, n)}
	var err error
	o.out, err = out.build(b, &o.base)
	return o, err
}

func (o *passOperator[T]) elements(batch []Element[T]) error {
	o.n.in.Add(int64(len(batch)))
	o.out.pass(batch)
	return o.out.err
}
