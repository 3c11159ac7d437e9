package engine_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// panicPlan is a job over the numbers 0 to 99, one a millisecond, in which one user function calls fails with
// the number it works on, or with bad.
type panicPlan struct {
	fails    func(v int64)
	config   engine.Config
	source   engine.Source[int64]
	strategy engine.WatermarkStrategy[int64]
	build    func(in *engine.Stream[int64])
}

const (
	bad        = 53
	badElement = "53@1970-01-01T00:00:00.053Z"
)

// endless is a source that has nothing more to read and does not end.
type endless struct{ engine.Sequence[int64] }

func (endless) Bounded() bool { return false }

func newPanicPlan(fails func(int64), set func(p *panicPlan)) *engine.Job {
	p := &panicPlan{
		fails: fails, source: endless{sequenceOf(100, 1)}, strategy: engine.Monotonous[int64](),
		config: engine.Config{Name: "panics", Parallelism: 2, TickInterval: time.Millisecond, Store: checkpoint.NewMemory(1), CheckpointInterval: time.Millisecond, TolerableFailedCheckpoints: 1},
	}
	set(p)
	job := engine.NewJob(p.config)
	p.build(engine.FromSource(job, "in", p.source, p.strategy))
	return job
}

// Ensure that a panic of a user function, of whatever kind, ends the job with an error that names the operator
// and, where one is at work, the element.
func TestPanics(t *testing.T) {
	for _, c := range panicCases {
		t.Run(c.name, func(t *testing.T) {
			job := newPanicPlan(func(v int64) {
				if v == bad {
					panic("odd one out")
				}
			}, c.set)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := job.Run(ctx)
			var panicked *engine.PanicError
			if !errors.As(err, &panicked) || panicked.Value != "odd one out" || !strings.Contains(panicked.Stack, "panic_test.go") {
				t.Fatalf("run: %v", err)
			}
			var named *engine.OperatorError
			if c.operator == "" {
				return // what fails belongs to the job, not to an operator of it
			}
			if !errors.As(err, &named) || named.Operator != c.operator || named.Element != c.element {
				t.Fatalf("run: %v: %+v, want operator %q and element %q", err, named, c.operator, c.element)
			}
			if c.element == badElement && (named.Split == "" || job.Status().State != engine.JobFailed) {
				t.Errorf("job %s: split %q", job.Status().State, named.Split)
			}
		})
	}
}

// Ensure that no goroutine is left of a job that was cancelled, whatever its operators, or that failed.
func TestCancel_LeavesNoGoroutine(t *testing.T) {
	none := func(t *testing.T, before int) {
		t.Helper()
		wait(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= before })
	}
	for _, c := range panicCases {
		t.Run(c.name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			job := newPanicPlan(func(int64) {}, c.set)
			ended := make(chan error)
			go func() { ended <- job.Run(t.Context()) }()
			wait(t, "all is read", func() bool {
				s := job.Status()
				return len(s.Splits) > 0 && s.Splits[0].Elements == 100 || !s.State.Live() && s.State != engine.JobCreated
			})
			job.Cancel()
			if err := <-ended; err != nil && !errors.Is(err, engine.ErrCancelled) {
				t.Errorf("run: %v", err)
			}
			none(t, before)

			job = newPanicPlan(func(v int64) {
				if v == bad {
					panic("odd one out")
				}
			}, c.set)
			if err := job.Run(t.Context()); err == nil {
				t.Error("it does not fail")
			}
			none(t, before)
		})
	}
}

// Ensure that a codec which panics at what a checkpoint holds ends the start, by name.
func TestPanics_Restore(t *testing.T) {
	store := checkpoint.NewMemory(1)
	plan := func(fails func(int64)) *engine.Job {
		return newPanicPlan(fails, func(p *panicPlan) {
			p.config.Store = store
			p.build = func(in *engine.Stream[int64]) {
				results, _ := engine.Aggregate(byDigit(in, nothing), "window", tumbling10, latestOf(nothing, nothing, nothing, failingCodec{decodes: fails, appends: nothing}))
				sinkAll(results)
			}
		})
	}
	job := plan(nothing)
	s := start(t, job)
	s.reads(t, 100)
	if err := job.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-s.err
	err := plan(func(int64) { panic("odd one out") }).Run(t.Context())
	var named *engine.OperatorError
	var panicked *engine.PanicError
	if !errors.As(err, &panicked) || !errors.As(err, &named) || named.Operator != "window" {
		t.Errorf("run: %v", err)
	}
}

// Ensure that savepoints and stops of a job whose store or place panics fail in words.
func TestPanics_Savepoint(t *testing.T) {
	job := newPanicPlan(nothing, func(p *panicPlan) { p.build = sinkAll[int64] })
	s := start(t, job)
	s.reads(t, 100)
	if _, err := job.StopWithSavepoint(t.Context(), panickingPlace{}, false); err == nil || !strings.Contains(err.Error(), "odd one out") {
		t.Errorf("stop: %v", err)
	}
	if err := <-s.err; err != nil {
		t.Errorf("run: %v", err)
	}
}

type panickingPlace struct{}

func (panickingPlace) Begin(context.Context, int64) (checkpoint.Writer, error) { panic("odd one out") }

func sinkAll[T any](in *engine.Stream[T]) { engine.SinkTo(in, "out", &enginetest.Collect[T]{}) }

func nothing(int64) {}
