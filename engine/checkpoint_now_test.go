package engine_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// Ensure that after a checkpoint out of turn the sink has the results of every
// window that ended by the watermark of Status.
func TestJob_Checkpoint(t *testing.T) {
	log := enginetest.NewLog[ride]("a", "b", "c")
	r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
	s := start(t, r.job(engine.Config{Name: "test", Parallelism: 3}))
	for round := range int64(20) {
		at := round * size
		for i := range int64(30) {
			log.Append([]string{"a", "b", "c"}[i%3], rideAt(at+i, round*30+i, 30), at+i)
		}
		log.WatermarkAll(at + size - 1)
		wait(t, "the clock moves", func() bool { return s.job.Status().Watermark == at+size-1 })
		if err := s.job.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := int64(len(r.counts.Elements())); got != 30*(round+1) {
			t.Fatalf("round %d: %d results, want %d", round, got, 30*(round+1))
		}
	}
	if err := s.job.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.job.Checkpoint(t.Context()); !errors.Is(err, engine.ErrNotRunning) {
		t.Errorf("after the end: %v", err)
	}
}

// failing is a store that fails while told to.
type failing struct {
	checkpoint.Store
	fails atomic.Bool
}

var errFull = errors.New("disk full")

func (f *failing) Begin(ctx context.Context, id int64) (checkpoint.Writer, error) {
	if f.fails.Load() {
		return nil, errFull
	}
	return f.Store.Begin(ctx, id)
}

// Ensure that who asks for a checkpoint is told that it failed, with its error
// also when that ends the job.
func TestJob_CheckpointFails(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	store := &failing{Store: checkpoint.NewMemory(1)}
	s := start(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{Name: "test", Store: store, TolerableFailedCheckpoints: 9}))
	wait(t, "it runs", func() bool { return s.job.Status().State == engine.JobRunning })
	for n := range 12 { // ten failures in a row end the job, those that nobody asked for among them
		want := errFull
		if n == 1 {
			want = nil
		}
		store.fails.Store(want != nil)
		if err := s.job.Checkpoint(t.Context()); !errors.Is(err, want) {
			t.Fatalf("got %v, want %v", err, want)
		}
	}
	if err := <-s.err; !errors.Is(err, errFull) {
		t.Errorf("the job ends with %v", err)
	}
}

// Ensure that a checkpoint given up for a stop is answered by the stop's own.
func TestJob_CheckpointWhileStopping(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	hold, busy := make(chan struct{}), make(chan struct{}, 100)
	r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
	r.counts.Fail = func(string) error { busy <- struct{}{}; <-hold; return nil }
	s := start(t, r.job(engine.Config{Name: "test", Store: checkpoint.NewMemory(1)}))
	wait(t, "it runs", func() bool { return s.job.Status().State == engine.JobRunning })
	asked, stopped := make(chan error, 1), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.job.Checkpoint(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("one not waited for: %v", err)
	}
	go func() { asked <- s.job.Checkpoint(t.Context()) }()
	<-busy
	go func() { stopped <- s.job.Stop(t.Context()) }()
	wait(t, "it stops", func() bool { return s.job.Status().State == engine.JobStopping })
	close(hold)
	if err := <-asked; err != nil {
		t.Errorf("asked: %v", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stopped: %v", err)
	}
}
