package engine

// Broadcast gives every element to every subtask of what follows, each a copy of its own:
// what a value points to is shared and must not be changed.
func Broadcast[T any](in *Stream[T], name string) *Stream[T] { return routed(in, name, nil) }

// Rebalance deals elements out in turn to the subtasks of what follows, whatever their keys:
// after it, elements of a key have no order.
func Rebalance[T any](in *Stream[T], name string) *Stream[T] {
	return routed(in, name, func(b *builder, readers int) router[T] {
		next := b.subtask
		return func(*Element[T]) int {
			next++
			return next % readers
		}
	})
}

// routed begins another task, whose elements route deals out; nil: to all.
func routed[T any](in *Stream[T], name string, route func(b *builder, readers int) router[T]) *Stream[T] {
	n := in.job.plan.addNode(name, kindProcess)
	out := newStream[T](in.job, n)
	n.ship = ShipRebalance
	if route == nil {
		n.ship = ShipBroadcast
		route = func(*builder, int) router[T] { return nil }
	}
	addExchange(in.job, n, []*Stream[T]{in}, route, func(b *builder) (input[T], error) { return newPassOperator(b, n, out) })
	return out
}
