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
