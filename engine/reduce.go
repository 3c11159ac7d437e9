package engine

// Reduce folds the elements of each key, as they come, and emits after each of them what
// the key's elements have come to, at the element's event time. f makes one value of two; it may return a
// changed. For windows use Aggregate.
func Reduce[K comparable, T any](in *KeyedStream[K, T], name string, codec Codec[T], f func(a, b T) T, options ...StateOption) *Stream[T] {
	return ProcessKeyed(in, name, func(s *Subtask) (KeyedProcess[K, T, T], error) {
		total := NewReducingState(s, "total", codec, f, options...)
		return KeyedProcess[K, T, T]{Element: func(_ *Key[K], e *Element[T], out *Collector[T]) error {
			out.Emit(total.Add(e.Value), e.EventTime)
			return nil
		}}, nil
	})
}
