package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

func oneRecord() *enginetest.Log[ride] {
	log := enginetest.NewLog[ride]("a")
	log.Append("a", rideAt(5, 1, 1), 5)
	return log
}

// Ensure that whatever fails, the run ends with an error that names the operator.
func TestJob_Failures(t *testing.T) {
	broken := errors.New("it broke")
	plan := func(process func(*engine.Element[record]) error, sink engine.Sink[int64], source *enginetest.LogSource[ride]) *engine.Job {
		job := engine.NewJob(engine.Config{Name: "test", Parallelism: 2, Store: checkpoint.NewMemory(1)})
		in := engine.FromSource(job, "in", source, enginetest.Watermarks[ride]())
		out := engine.Process(in, "work", func(*engine.Subtask) (engine.ProcessFunc[record, int64], error) {
			return func(e *engine.Element[record], out *engine.Collector[int64]) error {
				out.Emit(e.Value.Value.ID, e.EventTime)
				return process(e)
			}, nil
		})
		engine.SinkTo(engine.Union("hop", out), "out", sink)
		return job
	}
	fine := func(*engine.Element[record]) error { return nil }
	source := func() *enginetest.LogSource[ride] { return &enginetest.LogSource[ride]{Log: oneRecord()} }
	failing := func(operation string) engine.Sink[int64] {
		return &enginetest.Collect[int64]{Fail: func(op string) error {
			if op == operation {
				return broken
			}
			return nil
		}}
	}
	tests := []struct {
		name, operator string
		job            *engine.Job
		stop           bool
	}{
		{"an operator returns an error", "work", plan(func(*engine.Element[record]) error { return broken }, failing(""), source()), false},
		{"an operator panics", "work", plan(func(*engine.Element[record]) error { panic(broken) }, failing(""), source()), false},
		{"a sink's write fails", "out", plan(fine, failing("write"), source()), false},
		{"a sink's prepare fails", "out", plan(fine, failing("prepare"), source()), true},
		{"a reader fails", "in", plan(fine, failing(""), &enginetest.LogSource[ride]{Log: oneRecord(), Fail: func(string, int) error { return broken }}), false},
		{"a reader panics", "in", plan(fine, failing(""), &enginetest.LogSource[ride]{Log: oneRecord(), Fail: func(string, int) error { panic(broken) }}), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, test.job)
			if test.stop {
				wait(t, "it runs", func() bool { return test.job.Status().State == engine.JobRunning })
				_ = test.job.Stop(t.Context())
			}
			err := <-s.err
			var named *engine.OperatorError
			var panicked *engine.PanicError
			if !errors.As(err, &named) || named.Operator != test.operator {
				t.Fatalf("run: %v", err)
			}
			if !errors.Is(err, broken) && !errors.As(err, &panicked) {
				t.Errorf("run: %v", err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %v", err)
			}
			if test.job.Status().State != engine.JobFailed {
				t.Errorf("state %s", test.job.Status().State)
			}
		})
	}
}

// Ensure that faults of the plan are told by Run.
func TestJob_Plan(t *testing.T) {
	source := &enginetest.LogSource[ride]{Log: oneRecord()}
	tests := []struct {
		name, want string
		job        func() *engine.Job
	}{
		{"no name", "no name", func() *engine.Job { return (&rides{source: source}).job(engine.Config{}) }},
		{"no source", "no source", func() *engine.Job { return engine.NewJob(engine.Config{Name: "test"}) }},
		{"parallelism above the key groups", "parallelism", func() *engine.Job {
			return (&rides{source: source}).job(engine.Config{Name: "test", Parallelism: 9, MaxParallelism: 8})
		}},
		{"one name twice", `"x"`, func() *engine.Job {
			job := engine.NewJob(engine.Config{Name: "test"})
			in := engine.FromSource(job, "x", source, enginetest.Watermarks[ride]())
			engine.Map(in, "x", func(r *record) int { return 0 })
			return job
		}},
		{"a side output of two types", "two types", func() *engine.Job {
			job := engine.NewJob(engine.Config{Name: "test"})
			in := engine.FromSource(job, "x", source, enginetest.Watermarks[ride]())
			engine.SideOutput(in, engine.NewTag[int]("side"))
			engine.SideOutput(in, engine.NewTag[string]("side"))
			return job
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := run(t, test.job()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("run: %v, want something about %q", err, test.want)
			}
		})
	}
}

// Ensure that failed checkpoints are counted and tolerated up to the limit, and
// that a final one is not.
func TestJob_FailedCheckpoints(t *testing.T) {
	full := errors.New("no space left on device")
	newJob := func(store checkpoint.Store, tolerable int) *engine.Job {
		return (&rides{source: &enginetest.LogSource[ride]{Log: oneRecord()}}).job(engine.Config{
			Name: "test", Store: store, CheckpointInterval: time.Millisecond, TolerableFailedCheckpoints: tolerable,
		})
	}
	store := checkpoint.NewMemory(1)
	store.FailWith(func(*checkpoint.Checkpoint) error { return full })
	s := start(t, newJob(store, 3))
	if err := <-s.err; !errors.Is(err, full) || s.job.Status().Checkpoints.Failed != 4 {
		t.Errorf("after %d failures: %v", s.job.Status().Checkpoints.Failed, err)
	}

	s = start(t, newJob(store, 1_000_000))
	wait(t, "five have failed", func() bool { return s.job.Status().Checkpoints.FailedInRow >= 5 })
	store.FailWith(nil)
	wait(t, "one succeeds", func() bool { c := s.job.Status().Checkpoints; return c.Completed > 0 && c.FailedInRow == 0 })
	store.FailWith(func(*checkpoint.Checkpoint) error { return full })
	if err := s.job.Stop(t.Context()); !errors.Is(err, full) {
		t.Errorf("stop without a last checkpoint: %v", err)
	}
	if err := <-s.err; !errors.Is(err, full) {
		t.Errorf("run: %v", err)
	}
}

// stuck is a sink that takes nothing until it is told to.
type stuck struct{ free chan struct{} }

func (s stuck) Open(context.Context, engine.Subtask, [][]byte) (engine.SinkWriter[record], error) {
	return s, nil
}

func (s stuck) Write(ctx context.Context, _ []engine.Element[record]) error {
	select {
	case <-s.free:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
func (s stuck) Prepare(context.Context, int64) ([]byte, error) { return nil, nil }
func (s stuck) Committed(context.Context, int64) error         { return nil }
func (s stuck) Close() error                                   { return nil }

// Ensure that a checkpoint that does not become whole in time fails, that later
// ones pass once the sink moves, and that a stop abandons the one on its way.
func TestJob_CheckpointTimeout(t *testing.T) {
	sink := stuck{free: make(chan struct{})}
	job := engine.NewJob(engine.Config{
		Name: "test", Store: checkpoint.NewMemory(1), CheckpointInterval: time.Millisecond,
		CheckpointTimeout: 2 * time.Millisecond, TolerableFailedCheckpoints: 1_000_000,
	})
	in := engine.FromSource(job, "in", &enginetest.LogSource[ride]{Log: oneRecord()}, enginetest.Watermarks[ride]())
	engine.SinkTo(engine.Union("hop", in), "out", engine.Sink[record](sink))
	s := start(t, job)
	wait(t, "three have failed", func() bool { return job.Status().Checkpoints.FailedInRow >= 3 })
	close(sink.free)
	wait(t, "one succeeds", func() bool { return job.Status().Checkpoints.Completed > 0 })
	// The machine may be too slow for a final checkpoint in 2 ms; then it is an error that says so.
	if err := job.Stop(t.Context()); err != nil && !strings.Contains(err.Error(), "not whole after") {
		t.Errorf("stop: %v", err)
	}
	<-s.err
}
