package engine

// Distinct lets the first element of each pair (key, until) pass; later ones go
// to duplicates. A pair is remembered until the operator's watermark reaches
// until (ms), so an element that comes at or after that goes to late: with
// watermarks kept, this happens only to splits that were idle.
//
// Which of several copies is the first depends on the schedule when they come by
// different splits; that one passes does not.
func Distinct[K comparable, T any](in *KeyedStream[K, T], name string, until func(*T) int64) (unique, duplicates, late *Stream[T]) {
	job := in.in.job
	n := job.plan.addNode(name, kindKeyed)
	unique = newStream[T](job, n)
	duplicates = SideOutput(unique, NewTag[T]("duplicates"))
	late = SideOutput(unique, NewTag[T]("late"))
	addKeyedExchange(in, n, func(b *builder) (input[T], error) {
		return newDistinctOperator(b, n, in, until, unique)
	})
	return unique, duplicates, late
}
