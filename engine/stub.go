package engine

import (
	"context"

	"taxistream/engine/window"
)

type kind int

const (
	kindSource kind = iota
	kindProcess
	kindKeyed
	kindSink
)

type node struct {
	name  string
	sides map[string]any
}
type taskBuild struct{}
type input[T any] interface{}
type sourceNode[T any] struct {
	node     *node
	source   Source[T]
	strategy WatermarkStrategy[T]
	out      *Stream[T]
}

// Collector takes what an operator emits.
type Collector[R any] struct{}

// Emit hands on one element.
func (c *Collector[R]) Emit(value R, eventTime int64) {}

// Slot appends a zero element and returns it to be filled in place, valid until
// the next call of the collector. It saves a copy where values are large.
func (c *Collector[R]) Slot() *Element[R] { return nil }

// SideCollector is the collector of one side output; ask for it in open.
func SideCollector[R any](s *Subtask, tag Tag[R]) *Collector[R] { return nil }

// Job is a graph of operators and its one run.
type Job struct{ sources []any }

// NewJob starts an empty job.
func NewJob(c Config) *Job { return &Job{} }

// Run compiles the graph, restores the newest checkpoint and runs until the
// bounded sources end, Stop or Drain complete (nil), ctx ends or Cancel is called
// (ErrCancelled), or an operator fails (*OperatorError). It may be called once.
func (j *Job) Run(ctx context.Context) error { return nil }

// Stop takes a last checkpoint and ends the job. It returns when the job has ended.
func (j *Job) Stop(ctx context.Context) error { return nil }

// Drain moves the watermark to MaxWatermark, lets every window fire, takes a last checkpoint
// marked finished and ends the job. It returns when the job has ended.
func (j *Job) Drain(ctx context.Context) error { return nil }

// Cancel ends the job at once, with no checkpoint.
func (j *Job) Cancel() {}

// Status is the state of the job now.
func (j *Job) Status() Snapshot { return Snapshot{} }

func (j *Job) addNode(name string, k kind) *node { return &node{name: name, sides: map[string]any{}} }
func (j *Job) addEdge(a, b *node)                {}
func (j *Job) fail(format string, args ...any)   {}

func forwardTo[T any]() {}
func addExchange[T any](j *Job, n *node, ins []*Stream[T], f func(), build func(*taskBuild) (input[T], error)) {
}
func addKeyedExchange[K comparable, T any](in *KeyedStream[K, T], n *node, build func(*taskBuild) (input[T], error)) {
}
func newSinkOperator[T any](t *taskBuild, n *node, s Sink[T]) (input[T], error) { return nil, nil }
func newProcessOperator[T, R any](t *taskBuild, n *node, open func(*Subtask) (ProcessFunc[T, R], error), out *Stream[R]) (input[T], error) {
	return nil, nil
}
func newPassOperator[T any](t *taskBuild, n *node, out *Stream[T]) (input[T], error) { return nil, nil }
func newDistinctOperator[K comparable, T any](t *taskBuild, n *node, in *KeyedStream[K, T], until func(*T) int64, out *Stream[T]) (input[T], error) {
	return nil, nil
}
func newAggregateOperator[K comparable, T, A, R any](t *taskBuild, n *node, in *KeyedStream[K, T], w window.Assigner, agg Aggregation[K, T, A, R], o windowOptions, out *Stream[R]) (input[T], error) {
	return nil, nil
}
