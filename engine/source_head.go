package engine

import (
	"time"

	"taxistream/engine/internal/runtime"
	"taxistream/engine/watermark"
)

// sourceHead is a source in the plan: the head of its vertex.
type sourceHead[T any] struct {
	node     *node
	source   Source[T]
	strategy WatermarkStrategy[T]
	out      *Stream[T]
	sourceOptions
}

// SourceOption changes how a source is read.
type SourceOption func(*sourceOptions)

type sourceOptions struct {
	maxDrift    int64         // ms; below 0: any
	backlogs    bool          // who is at its tip holds nobody back
	idleTimeout time.Duration // below 0: Config's
}

// IdleTimeout is Config.IdleTimeout of this source alone; 0: never. Once all splits of a
// source have been at their tips for so long, the source is idle as a whole: a Union or a
// join that also reads others goes on without it, until it has caught up with them again.
func IdleTimeout(d time.Duration) SourceOption {
	return func(o *sourceOptions) { o.idleTimeout = max(0, d) }
}

// MaxDrift holds a split back while its watermark is more than d ahead of the clock, so
// that what is read early does not pile up in the state of windows: the others catch up
// first. Other splits of the same subtask are read on. Up to Config.FetchCapacity reads more
// may come of it.
func MaxDrift(d time.Duration) SourceOption {
	return func(o *sourceOptions) { o.maxDrift = max(0, d.Milliseconds()) }
}

// MaxBacklogDrift is MaxDrift among splits that have more to read: one that lags and is at its tip
// has nothing to catch up with, and holds nobody back.
func MaxBacklogDrift(d time.Duration) SourceOption {
	return func(o *sourceOptions) { o.maxDrift, o.backlogs = max(0, d.Milliseconds()), true }
}

// sourceLink is a source in one attempt: what its subtasks, readers and enumerator share.
type sourceLink[T any] struct {
	*sourceHead[T]
	a      *attempt
	table  *splitTable
	clock  *watermark.Combiner
	enum   *enumerator
	queues []*runtime.Inbox[fetched[T]] // by subtask
	tasks  []*sourceTask[T]
}

// fetched is a read on its way from a split's reader to its subtask.
type fetched[T any] struct {
	split *activeSplit[T]
	read  Read[T]
}

// activeSplit is a split that is being read. The generator belongs to the subtask.
type activeSplit[T any] struct {
	id        string
	generator WatermarkGenerator[T]
	watermark int64
	offset    []byte // behind what the subtask has taken
	known     bool   // to the subtask's ticks
	left      bool   // to another subtask: what comes now is read there again
	stop      func() // ends its reader
}

func (s *sourceHead[T]) headNode() *node { return s.node }

func (s *sourceHead[T]) link(a *attempt, v *vertex) error {
	timeout := s.idleTimeout
	if timeout < 0 {
		timeout = a.config.IdleTimeout
	}
	l := &sourceLink[T]{sourceHead: s, a: a, table: newSplitTable(v.parallelism), clock: watermark.NewCombiner(timeout)}
	for range v.parallelism {
		l.queues = append(l.queues, runtime.NewInbox[fetched[T]](runtime.NewWaker(), 1, a.config.FetchCapacity))
	}
	a.links[s] = l
	a.sources = append(a.sources, l)
	return nil
}

// start takes over the restored splits, lists those there are, and begins to read.
func (l *sourceLink[T]) start() error {
	restored, found, err := l.a.from.splits(l.node)
	if err != nil {
		return err
	}
	l.clock.Restore(restored.floor)
	bounded, ok := any(l.source).(Bounded)
	l.enum = &enumerator{
		a: l.a, node: l.node, list: l.source.Splits, table: l.table, clock: l.clock, waker: l.table.wake,
		bounded: ok && bounded.Bounded(),
		read:    func(s Split, subtask int) { l.a.x.Add(newFetcher(l, s, subtask)) },
	}
	if err := l.enum.start(l.a.x.Reading, restored, !found); err != nil {
		return err
	}
	l.a.x.Add(l.enum)
	return nil
}

func (l *sourceLink[T]) send(b *runtime.Barrier) {
	for _, t := range l.tasks {
		t.barrier.Store(b)
		t.task.Waker().Wake()
	}
}

func (l *sourceLink[T]) passed(barrierID int64) { l.table.passed(barrierID) }
func (l *sourceLink[T]) combined() int64        { return l.clock.Combined() }
func (l *sourceLink[T]) silent() bool           { return l.clock.Silent() }
func (l *sourceLink[T]) moves() int64           { return l.table.moves.Load() }

func (l *sourceLink[T]) status(dst []SplitStatus) []SplitStatus {
	return l.table.status(dst, l.node.name, l.clock.Idle, func(id string) bool { return l.ahead(id, nil) })
}

// ahead tells whether a split is to wait for the others, until wake says so.
func (l *sourceLink[T]) ahead(id string, wake runtime.Waker) bool {
	return l.maxDrift >= 0 && l.clock.Ahead(id, l.maxDrift, l.backlogs, wake)
}

// FromSource adds a source to the job. Its name is the stable id of its state.
// Watermarks come from strategy, one generator a split; the job's clock is the
// minimum over all splits wherever they are read (package watermark).
func FromSource[T any](job *Job, name string, source Source[T], strategy WatermarkStrategy[T], options ...SourceOption) *Stream[T] {
	o := sourceOptions{maxDrift: -1, idleTimeout: -1}
	for _, option := range options {
		option(&o)
	}
	n := job.plan.addNode(name, kindSource)
	s := newStream[T](job, n)
	job.plan.heads = append(job.plan.heads, &sourceHead[T]{node: n, source: source, strategy: strategy, out: s, sourceOptions: o})
	return s
}
