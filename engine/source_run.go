package engine

import (
	"context"

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
	look(ctx context.Context) bool
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
			f := &fetcher[T]{source: s, entry: e, split: split}
			if s.run.driver != nil {
				s.run.driver.readers = append(s.run.driver.readers, f)
				return
			}
			s.run.goRead(func() error { return f.work(ctx) })
		},
	}
	return s.enum.start(ctx, restored, !found)
}

func (s *sourceNode[T]) discover(ctx context.Context) { s.enum.loop(ctx) }

// look sees to the splits that ended, under a Driver.
func (s *sourceNode[T]) look(ctx context.Context) bool { return s.enum.look(ctx) }

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
