package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"taxistream/engine/watermark"
)

// sourceNode is a source of the graph and, once prepared, its part of the run.
type sourceNode[T any] struct {
	node     *node
	source   Source[T]
	strategy WatermarkStrategy[T]
	out      *Stream[T]

	run      *run
	table    *splitTable
	clock    *watermark.Combiner
	enum     *enumerator
	queues   []chan fetched[T] // by subtask
	commands []*commandQueue   // by subtask
}

// fetched is a read on its way from a split's reader to its subtask.
type fetched[T any] struct {
	split *activeSplit[T]
	read  Read[T]
}

// activeSplit is a split that is being read. The generator belongs to the subtask.
type activeSplit[T any] struct {
	entry     *splitEntry
	generator WatermarkGenerator[T]
	watermark int64
	known     bool // to the subtask's ticks
}

// anySource is a sourceNode whatever its T.
type anySource interface {
	head
	start(ctx context.Context) error
	discover(ctx context.Context)
	command(c command)
	settle(barrierID int64)
	status(dst []SplitStatus) []SplitStatus
	combined() int64
}

func (s *sourceNode[T]) headNode() *node { return s.node }

func (s *sourceNode[T]) prepare(r *run) {
	s.run = r
	s.table = newSplitTable()
	for range r.config.Parallelism {
		s.queues = append(s.queues, make(chan fetched[T], r.config.FetchCapacity))
		s.commands = append(s.commands, newCommandQueue())
	}
	s.clock = watermark.NewCombiner(r.config.IdleTimeout)
}

// start lists the splits and begins to read.
func (s *sourceNode[T]) start(ctx context.Context) error {
	state, found := s.run.restored(s.node)
	restored, err := decodeSplits(state.List)
	if err != nil {
		return s.run.incompatible("source %q: %v", s.node.name, err)
	}
	s.clock.Restore(restored.floor)
	bounded, ok := any(s.source).(Bounded)
	s.enum = &enumerator{
		run: s.run, node: s.node, list: s.source.Splits, table: s.table, clock: s.clock,
		bounded: ok && bounded.Bounded(),
		read: func(e *splitEntry) {
			split := e.Split // a copy: the entry moves on
			split.Offset = append([]byte(nil), e.Offset...)
			s.run.goRead(func() error { return s.fetch(ctx, e, split) })
		},
	}
	return s.enum.start(ctx, restored, !found)
}

func (s *sourceNode[T]) discover(ctx context.Context) { s.enum.loop(ctx) }

// fetch reads one split until it ends or ctx does. It waits while its subtask is busy.
func (s *sourceNode[T]) fetch(ctx context.Context, e *splitEntry, split Split) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: string(debug.Stack())}
		}
		if err != nil && ctx.Err() == nil {
			err = &OperatorError{Operator: s.node.name, Subtask: e.subtask, Err: fmt.Errorf("read split %s: %w", split.ID, err)}
			return
		}
		err = nil
	}()
	reader, err := s.source.Open(ctx, split)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	active := &activeSplit[T]{entry: e, generator: s.strategy(split), watermark: split.Watermark}
	queue := s.queues[e.subtask]
	for first := true; ; first = false {
		var read Read[T]
		if !first { // the first message only makes the split known to the subtask's ticks
			if read, err = reader.Next(ctx); err != nil {
				return err
			}
		}
		select {
		case queue <- fetched[T]{split: active, read: read}:
		case <-ctx.Done():
			return nil
		}
		if read.End {
			return nil
		}
	}
}

func (s *sourceNode[T]) command(c command) {
	for _, q := range s.commands {
		q.put(c)
	}
}

func (s *sourceNode[T]) settle(barrierID int64) { s.table.settle(barrierID) }
func (s *sourceNode[T]) combined() int64        { return s.clock.Combined() }

func (s *sourceNode[T]) status(dst []SplitStatus) []SplitStatus {
	return s.table.status(dst, s.node.name, s.clock.Idle)
}

// command tells a source subtask what to put into its stream.
type command struct{ barrier *barrier }

// commandQueue hands commands to a source subtask. It is never full, so that every
// subtask gets every barrier; its length is bounded by the checkpoints that may
// fail in a row, after which the job does.
type commandQueue struct {
	wake chan struct{}
	mu   sync.Mutex
	list []command
}

func newCommandQueue() *commandQueue { return &commandQueue{wake: make(chan struct{}, 1)} }

func (q *commandQueue) put(c command) {
	q.mu.Lock()
	q.list = append(q.list, c)
	q.mu.Unlock()
	token(q.wake)
}

func (q *commandQueue) take() (command, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == 0 {
		return command{}, false
	}
	c := q.list[0]
	q.list = q.list[1:]
	return c, true
}
