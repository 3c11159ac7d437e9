package engine

// Stream is a flow of elements of one type. It is a plan: nothing moves before
// Job.Run. Two consumers of a stream both get every element, and share its
// memory: they must not write to it.
type Stream[T any] struct {
	job   *Job
	node  *node
	edges []edge[T]
}

// edge connects one consumer: a chained operator, or the writer of an exchange.
type edge[T any] struct {
	to      *node
	connect func(b *builder) (input[T], error)
}

func newStream[T any](job *Job, n *node) *Stream[T] { return &Stream[T]{job: job, node: n} }

func (s *Stream[T]) connect(to *node, connect func(*builder) (input[T], error)) {
	s.edges = append(s.edges, edge[T]{to: to, connect: connect})
	s.job.plan.addEdge(s.node, to)
}

// KeyedStream is a stream parted by key: all elements of a key meet in one
// subtask, in the order of each sender.
type KeyedStream[K comparable, T any] struct {
	in    *Stream[T]
	key   func(*T) K
	codec Codec[K]
}

// KeyBy parts a stream by key. The key's group, and so its subtask, comes from
// its encoded bytes, the same in every process.
func KeyBy[K comparable, T any](in *Stream[T], key func(*T) K, codec Codec[K]) *KeyedStream[K, T] {
	return &KeyedStream[K, T]{in: in, key: key, codec: codec}
}

// Tag names a side output and its type within one operator.
type Tag[R any] struct{ name string }

// NewTag makes a tag. Tags of one name are one tag.
func NewTag[R any](name string) Tag[R] { return Tag[R]{name: name} }

// SideOutput is the stream of what the operator that makes s emits under tag.
// Elements under a tag that nobody consumes are counted as dropped.
func SideOutput[R, T any](s *Stream[T], tag Tag[R]) *Stream[R] {
	if have, ok := s.node.sides[tag.name]; ok {
		typed, ok := have.(*Stream[R])
		if !ok {
			s.job.plan.fail("side output %q of %q is used with two types", tag.name, s.node.name)
			return newStream[R](s.job, s.node)
		}
		return typed
	}
	side := newStream[R](s.job, s.node)
	s.node.sides[tag.name] = side
	return side
}
