package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/window"
)

// Event is the element of scenarios: a key and a value at an event time, and the gap that
// it sets for its session.
type Event struct {
	Key        string
	Value, Gap int64
}

// planner makes the operators and sinks of a scenario's job over the elements of its log.
type planner func(w *World, in *engine.Stream[eventRecord])

// Settings choose the job of a World.
type Settings struct {
	Size, Lateness int64 // of windows, ms
	Parallelism    int
	Distinct       bool // pass each key once a window
	Judge          bool // judge lateness by split
	Idle           time.Duration
	// Strategy gives the watermarks; nil: those that are appended to the log.
	Strategy engine.WatermarkStrategy[Record[Event]]
	// Drift is how far a split may be ahead, ms; 0: any.
	Drift int64
	// Backlog makes it a drift among splits that have more to read.
	Backlog bool
	// Plan, if not nil, is what the job does instead.
	Plan planner
}

// World is a job over a log, driven by calls: log -> judge -> distinct -> window
// count. Everything that happens in it is a function of the calls.
type World struct {
	Log      *Log[Event]
	Settings Settings
	Clock    *engine.ManualClock

	store  *checkpoint.Memory
	driver *Driver
	job    *engine.Job
	lines  []string // what the sinks got since the last look
	pick   func(n int) int
	fail   string // the kind of call that fails next
}

// NewWorld starts a job over a new log. pick chooses the schedule; nil: in turn.
func NewWorld(ctx context.Context, s Settings, pick func(n int) int, splits ...string) (*World, error) {
	w := &World{Log: NewLog[Event](splits...), Settings: s, Clock: engine.NewManualClock(time.Unix(0, 0)), store: checkpoint.NewMemory(3), pick: pick}
	return w, w.start(ctx)
}

func (w *World) start(ctx context.Context) (err error) {
	w.job = engine.NewJob(engine.Config{
		Name: "scenario", Parallelism: w.Settings.Parallelism, Store: w.store, Clock: w.Clock,
		IdleTimeout: w.Settings.Idle, TickInterval: time.Millisecond, ChannelCapacity: 2, FetchCapacity: 2, BatchSize: 4, Restart: engine.FixedDelay{Attempts: 1000},
	})
	w.plan()
	w.driver, err = Drive(ctx, w.job, w.Clock, w.pick)
	return err
}

type eventRecord = Record[Event]

func (s *Settings) strategy() engine.WatermarkStrategy[eventRecord] {
	if s.Strategy == nil {
		return Watermarks[Event]()
	}
	return s.Strategy
}

func (s *Settings) drift() []engine.SourceOption {
	if s.Drift <= 0 {
		return nil
	}
	option := engine.MaxDrift
	if s.Backlog {
		option = engine.MaxBacklogDrift
	}
	return []engine.SourceOption{option(time.Duration(s.Drift) * time.Millisecond)}
}

func (w *World) plan() {
	s := w.Settings
	in := engine.FromSource(w.job, "log", &LogSource[Event]{
		Log: w.Log, NameChildren: true, Eager: true,
		Fail: func(string, int) error { return w.failing("read") }, FailList: func() error { return w.failing("list") },
	}, s.strategy(), s.drift()...)
	if s.Plan != nil {
		s.Plan(w, in)
		return
	}
	if s.Judge {
		in = w.judge(in)
	}
	if s.Distinct {
		unique, again, late := engine.Distinct(byKey(in), "distinct", func(r *eventRecord) int64 { return window.Start(r.Time, s.Size) + s.Size - 1 })
		engine.SinkTo(again, "duplicates", w.sink("duplicate"))
		engine.SinkTo(late, "too late for distinct", w.sink("late"))
		in = unique
	}
	counts, late := engine.Aggregate(byKey(in), "window", window.Tumbling(time.Duration(s.Size)*time.Millisecond),
		engine.Aggregation[string, eventRecord, int64, string]{
			Add: func(n *int64, _ *engine.Element[eventRecord]) { *n++ },
			Result: func(key string, win window.Window, n *int64) (string, bool) {
				return fmt.Sprintf("result key=%s window=[%d,%d) count=%d", key, win.Start, win.End, *n), true
			},
			Codec: engine.Int64Codec{},
		}, engine.AllowedLateness(time.Duration(s.Lateness)*time.Millisecond))
	engine.SinkTo(counts, "results", &lineSink[string]{w: w, print: func(e engine.Element[string]) string { return e.Value }})
	engine.SinkTo(late, "too late for the window", w.sink("late"))
}

func byKey(in *engine.Stream[eventRecord]) *engine.KeyedStream[string, eventRecord] {
	return engine.KeyBy(in, func(r *eventRecord) string { return r.Value.Key }, engine.StringCodec{})
}

func (w *World) judge(in *engine.Stream[eventRecord]) *engine.Stream[eventRecord] {
	size, tag := w.Settings.Size, engine.NewTag[eventRecord]("late")
	judged := engine.Process(in, "judge", func(s *engine.Subtask) (engine.ProcessFunc[eventRecord, eventRecord], error) {
		late := engine.SideCollector(s, tag)
		return func(e *engine.Element[eventRecord], out *engine.Collector[eventRecord]) error {
			if err := w.failing("element"); err != nil {
				return err
			}
			if e.Value.Current >= window.Start(e.EventTime, size)+size-1 {
				late.EmitElement(e)
			} else {
				out.EmitElement(e)
			}
			return nil
		}, nil
	})
	engine.SinkTo(engine.SideOutput(judged, tag), "judged late", w.sink("late"))
	return judged
}

func (w *World) sink(what string) engine.Sink[eventRecord] {
	return &lineSink[eventRecord]{w: w, print: func(e engine.Element[eventRecord]) string {
		return fmt.Sprintf("%s %s@%d", what, e.Value.Value.Key, e.EventTime)
	}}
}

// FailNext has the next call of a kind fail: write and prepare of a sink, read and list of
// the source, element of the judge or function, timer of the function, or panic of either. The job begins again by itself.
func (w *World) FailNext(call string) { w.fail = call }

func (w *World) failing(call string) error {
	if w.fail != call {
		return nil
	}
	w.fail = ""
	return fmt.Errorf("simulated: %s fails", call)
}

// Run lets everything that can happen happen: reads, and what follows from them.
func (w *World) Run() error { return w.driver.Run() }

// Advance moves processing time on.
func (w *World) Advance(d time.Duration) error {
	w.Clock.Advance(d)
	return w.driver.Tick()
}

// Snapshot takes a checkpoint.
func (w *World) Snapshot() error { return w.driver.Checkpoint() }

// Restore kills the job and starts it again from the newest checkpoint.
func (w *World) Restore(ctx context.Context, parallelism int) error {
	if err := w.Close(); err != nil {
		return err
	}
	if parallelism > 0 {
		w.Settings.Parallelism = parallelism
	}
	return w.start(ctx)
}

// Drain ends the job with every window fired.
func (w *World) Drain() error { return w.driver.Drain() }

// Close kills the job.
func (w *World) Close() error {
	if err := w.driver.Close(); err != nil && err != engine.ErrCancelled { //nolint:errorlint // the driver returns it bare
		return err
	}
	return nil
}

// Status is the job's.
func (w *World) Status() engine.Snapshot { return w.job.Status() }

// Look returns what the sinks got since the last look, sorted: the order between subtasks is any.
func (w *World) Look() string {
	slices.Sort(w.lines)
	out := strings.Join(w.lines, "\n")
	w.lines = nil
	return out
}

// lineSink prints what it gets into the world.
type lineSink[T any] struct {
	w     *World
	print func(engine.Element[T]) string
}

func (s *lineSink[T]) Open(context.Context, engine.Subtask, [][]byte) (engine.SinkWriter[T], error) {
	return s, nil
}

func (s *lineSink[T]) Write(_ context.Context, batch []engine.Element[T]) error {
	if err := s.w.failing("write"); err != nil && len(batch) > 0 {
		return err
	}
	for _, e := range batch {
		s.w.lines = append(s.w.lines, s.print(e))
	}
	return nil
}

func (s *lineSink[T]) Prepare(context.Context, int64) ([]byte, error) {
	return nil, s.w.failing("prepare")
}
func (s *lineSink[T]) Committed(context.Context, int64) error { return nil }
func (s *lineSink[T]) Close() error                           { return nil }
