package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
	"taxistream/engine/window"
)

// started is a job that runs in the background of a test.
type started struct {
	job *engine.Job
	err chan error
}

func start(t *testing.T, job *engine.Job) started {
	t.Helper()
	s := started{job: job, err: make(chan error, 1)}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	go func() { s.err <- job.Run(ctx) }()
	return s
}

// wait polls until holds; what it waits for must come, however slow the machine.
func wait(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 6000 {
		if holds() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

func (s started) reads(t *testing.T, n int64) {
	t.Helper()
	wait(t, "all records are read", func() bool {
		var have int64
		for _, split := range s.job.Status().Splits {
			have += split.Elements
		}
		return have >= n
	})
}

// Ensure that a stopped job goes on where it was, at another parallelism, and that
// a drained one fires every window.
func TestJob_StopAndGoOn(t *testing.T) {
	log := enginetest.NewLog[ride]("a", "b", "c")
	r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
	store := checkpoint.NewMemory(3)
	for life := range int64(4) {
		s := start(t, r.job(engine.Config{Name: "test", Parallelism: int(1 + life*2), Store: store}))
		for i := range int64(30) {
			at := life*5000 + i*100
			log.Append([]string{"a", "b", "c"}[i%3], rideAt(at, life*30+i, 5), at)
		}
		log.WatermarkAll(life*5000 + 2999)
		s.reads(t, 33)
		end := s.job.Stop
		if life == 3 {
			end = s.job.Drain
		}
		if err := end(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-s.err; err != nil {
			t.Fatal(err)
		}
		if got := s.job.Status(); got.State != engine.JobFinished || got.Checkpoints.Completed != 1 || got.Checkpoints.RestoredID != life {
			t.Fatalf("life %d: status %+v", life, got)
		}
	}
	log.Seal()
	compare(t, r, model.Run(log))
	if n := len(r.counts.Elements()); n != 10 {
		t.Errorf("%d results, want 10: none twice", n)
	}
}

// held is a sink that stays in a tick of its second subtask, once told to.
type held struct {
	hold, busy, free chan struct{}
	index            int
}

func (h held) Open(_ context.Context, s engine.Subtask, _ [][]byte) (engine.SinkWriter[record], error) {
	h.index = s.Index
	return h, nil
}

func (h held) Tick(context.Context, time.Time) error {
	if h.index == 1 {
		select {
		case <-h.hold:
			h.busy <- struct{}{}
			<-h.free
		default:
		}
	}
	return nil
}

func (held) Write(context.Context, []engine.Element[record]) error     { return nil }
func (held) Prepare(context.Context, int64) (prepared []byte, _ error) { return nil, nil }
func (held) Committed(context.Context, int64) error                    { return nil }
func (held) Close() error                                              { return nil }

// Ensure that a stop leaves no window open that ended by the watermark of Status,
// although a subtask of the source that was busy has yet to hear of it.
func TestJob_StopBehindTheWatermark(t *testing.T) {
	for range 20 {
		log := enginetest.NewLog[ride]("a", "b")
		h := held{hold: make(chan struct{}), busy: make(chan struct{}), free: make(chan struct{})}
		var ends enginetest.Collect[int64]
		job := engine.NewJob(engine.Config{Name: "test", Parallelism: 2, TickInterval: time.Millisecond})
		in := engine.FromSource(job, "rides", &enginetest.LogSource[ride]{Log: log}, enginetest.Watermarks[ride]())
		engine.SinkTo(in, "held", h)
		byID := engine.KeyBy(in, func(r *record) int64 { return r.Value.ID }, int64Codec{})
		counts, _ := engine.Aggregate(byID, "count", window.Tumbling(time.Second), engine.Aggregation[int64, record, int64, int64]{
			Add:    func(n *int64, _ *engine.Element[record]) { *n++ },
			Result: func(_ int64, w window.Window, _ *int64) (int64, bool) { return w.End, true },
			Codec:  int64Codec{},
		})
		engine.SinkTo(counts, "ends", &ends)
		s := start(t, job)
		log.Append("a", ride{ID: 1}, 100)
		log.Watermark("b", 999)
		s.reads(t, 2)
		h.hold <- struct{}{}
		<-h.busy
		log.Watermark("a", 999)
		wait(t, "the clock moves", func() bool { return job.Status().Watermark == 999 })
		stopped := make(chan error, 1)
		go func() { stopped <- job.Stop(t.Context()) }()
		wait(t, "it stops", func() bool { return job.Status().State == engine.JobStopping })
		close(h.free)
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
		if got := ends.Elements(); len(got) != 1 {
			t.Fatalf("%d windows fired, want 1", len(got))
		}
	}
}

// Ensure that ending a job that does not run is an error, and a second run too.
func TestJob_NotRunning(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	log.Seal()
	job := (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{Name: "test"})
	if err := job.Stop(t.Context()); !errors.Is(err, engine.ErrNotRunning) {
		t.Errorf("stop before the run: %v", err)
	}
	if err := run(t, job); err != nil {
		t.Fatal(err)
	}
	if err := job.Drain(t.Context()); !errors.Is(err, engine.ErrNotRunning) {
		t.Errorf("drain after the run: %v", err)
	}
	if err := run(t, job); err == nil {
		t.Error("a second run begins")
	}
}

// Ensure that a cancelled job ends with its error and no checkpoint.
func TestJob_Cancel(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	store := checkpoint.NewMemory(3)
	s := start(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{Name: "test", Store: store}))
	wait(t, "it runs", func() bool { return s.job.Status().State == engine.JobRunning })
	s.job.Cancel()
	if err := <-s.err; !errors.Is(err, engine.ErrCancelled) {
		t.Errorf("run: %v", err)
	}
	if store.Saved() != 0 || s.job.Status().State != engine.JobCancelled {
		t.Errorf("%d checkpoints, state %s", store.Saved(), s.job.Status().State)
	}
}

// Ensure that a stream resharded while it is read gives the model's results, on
// several subtasks, with and without checkpoints.
func TestJob_ReshardWhileRunning(t *testing.T) {
	for name, store := range map[string]checkpoint.Store{"checkpoints": checkpoint.NewMemory(1), "none": nil} {
		t.Run(name, func(t *testing.T) {
			log := enginetest.NewLog[ride]("a", "b")
			r := &rides{source: &enginetest.LogSource[ride]{Log: log, NameChildren: true}}
			s := start(t, r.job(engine.Config{Name: "test", Parallelism: 4, Store: store}))
			at := int64(0)
			write := func(splits ...string) {
				for i := range int64(200) {
					at += 37
					log.Append(splits[i%int64(len(splits))], rideAt(at, at, 9), at)
					if i%20 == 0 {
						log.WatermarkAll(at)
					}
				}
			}
			write("a", "b")
			log.Split("a", "a1", "a2")
			write("a1", "a2", "b")
			log.Merge("a2", "b", "m")
			write("a1", "m")
			log.Merge("m", "a1", "n")
			write("n")
			wait(t, "the last child is read", func() bool {
				for _, split := range s.job.Status().Splits {
					if split.ID == "n" && split.Elements == 210 {
						return true
					}
				}
				return false
			})
			if err := s.job.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			log.Seal()
			compare(t, r, model.Run(log))
		})
	}
}
