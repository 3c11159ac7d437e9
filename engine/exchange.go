package engine

import (
	"sync"
	"time"

	"taxistream/engine/state"
)

// exchange moves elements between the subtasks of two tasks. Its reading end
// heads a task; its writers are the last links of the chains before it.
type exchange[T any] struct {
	node  *node
	first func(t *taskBuild) (input[T], error) // the operator behind it
	edges int                                  // streams that lead into it

	inboxes []*inbox[T] // by reading subtask
	pool    sync.Pool   // of *batch[T]
}

// router chooses the reading subtask of an element.
type router[T any] func(e *Element[T]) int

// addExchange makes n the head of a task that reads from all of ins. route makes
// a writer's router.
func addExchange[T any](job *Job, n *node, ins []*Stream[T], route func(t *taskBuild) router[T], first func(*taskBuild) (input[T], error)) {
	n.chained = false
	ex := &exchange[T]{node: n, first: first, edges: len(ins)}
	job.heads = append(job.heads, ex)
	for i, in := range ins {
		if in.job != job {
			job.fail("%q reads from another job", n.name)
		}
		in.connect(n, func(t *taskBuild) (input[T], error) {
			return newWriter(t, ex, i, route(t)), nil
		})
	}
}

// addKeyedExchange makes n the head of a task parted by key.
func addKeyedExchange[K comparable, T any](in *KeyedStream[K, T], n *node, first func(*taskBuild) (input[T], error)) {
	route := func(t *taskBuild) router[T] {
		if t.run.config.Parallelism == 1 {
			return func(*Element[T]) int { return 0 }
		}
		groups, parallelism := t.run.config.MaxParallelism, t.run.config.Parallelism
		owners := make([]int, groups)
		for group := range owners {
			owners[group] = state.Subtask(group, groups, parallelism)
		}
		var scratch []byte
		return func(e *Element[T]) int {
			key := in.codec.Append(scratch[:0], in.key(&e.Value))
			if cap(key) > cap(scratch) {
				scratch = key
			}
			return owners[state.Group(key, groups)]
		}
	}
	addExchange(in.in.job, n, []*Stream[T]{in.in}, route, first)
}

// forwardTo routes every element to the reading subtask of the same index.
func forwardTo[T any](t *taskBuild) router[T] {
	subtask := t.subtask
	return func(*Element[T]) int { return subtask }
}

func (ex *exchange[T]) headNode() *node { return ex.node }

func (ex *exchange[T]) prepare(r *run) {
	size := r.config.BatchSize
	ex.pool.New = func() any { return &batch[T]{elements: make([]Element[T], 0, size)} }
	ex.inboxes = make([]*inbox[T], r.config.Parallelism)
	for i := range ex.inboxes {
		ex.inboxes[i] = newInbox[T](ex.edges*r.config.Parallelism, r.config.ChannelCapacity)
	}
}

// writer is the sending end of an exchange in one subtask. It keeps one open batch
// for each reading subtask.
type writer[T any] struct {
	task    *task
	ex      *exchange[T]
	channel int
	route   router[T]
	open    []*batch[T]
	last    int64 // watermark sent
}

func newWriter[T any](t *taskBuild, ex *exchange[T], edge int, route router[T]) *writer[T] {
	p := t.run.config.Parallelism
	return &writer[T]{task: t.task, ex: ex, channel: edge*p + t.subtask, route: route, open: make([]*batch[T], p), last: NoWatermark}
}

func (w *writer[T]) elements(elements []Element[T]) error {
	for i := range elements {
		target := w.route(&elements[i])
		b := w.open[target]
		if b == nil {
			b = w.ex.pool.Get().(*batch[T])
			w.open[target] = b
		}
		b.elements = append(b.elements, elements[i])
		if len(b.elements) == cap(b.elements) {
			if err := w.send(target); err != nil {
				return err
			}
		}
	}
	return nil
}

// send hands the open batch of one target over.
func (w *writer[T]) send(target int) error {
	b := w.open[target]
	w.open[target] = nil
	return w.ex.inboxes[target].put(w.task.ctx, w.channel, message[T]{kind: messageBatch, batch: b})
}

func (w *writer[T]) flush() error {
	for target, b := range w.open {
		if b != nil {
			if err := w.send(target); err != nil {
				return err
			}
		}
	}
	return nil
}

// broadcast sends a control message to all targets, behind all elements.
func (w *writer[T]) broadcast(m message[T]) error {
	if err := w.flush(); err != nil {
		return err
	}
	for _, in := range w.ex.inboxes {
		if err := in.put(w.task.ctx, w.channel, m); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer[T]) watermark(ms int64) error {
	assertf(ms > w.last, "a watermark goes back from %d to %d before %s", w.last, ms, w.ex.node.name)
	w.last = ms
	return w.broadcast(message[T]{kind: messageWatermark, watermark: ms})
}

func (w *writer[T]) barrier(b *barrier) error {
	return w.broadcast(message[T]{kind: messageBarrier, barrier: b})
}
func (w *writer[T]) end() error            { return w.broadcast(message[T]{kind: messageEnd}) }
func (w *writer[T]) tick(time.Time) error  { return nil }
func (w *writer[T]) committed(int64) error { return nil }
