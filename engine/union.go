package engine

// Union merges streams of one type. Its order between them is any; its watermark
// is the lowest of theirs. It does not wait for a stream all of whose sources are idle
// (IdleTimeout); when all are, it is the greatest, though never the end.
func Union[T any](name string, first *Stream[T], others ...*Stream[T]) *Stream[T] {
	n := first.job.plan.addNode(name, kindProcess)
	n.ship = ShipForward
	out := newStream[T](first.job, n)
	ins := append([]*Stream[T]{first}, others...)
	addExchange(first.job, n, ins, forwardTo[T], func(b *builder) (input[T], error) { return newPassOperator(b, n, out) })
	return out
}
