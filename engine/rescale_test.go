package engine_test

import (
	"errors"
	"strings"
	"testing"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// Ensure that a job goes on at other parallelisms, with nothing lost and nothing twice.
func TestJob_Rescale(t *testing.T) {
	log := enginetest.NewLog[ride]("a", "b", "c")
	r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
	s := start(t, r.job(engine.Config{Name: "test", Parallelism: 2, Store: checkpoint.NewMemory(1)}))
	wait(t, "it reads", func() bool { return len(s.job.Status().Splits) == 3 })
	for part, parallelism := range []int{5, 1, 1, 8} {
		fill(log, int64(part), 20)
		if err := s.job.Rescale(t.Context(), parallelism); err != nil {
			t.Fatal(err)
		}
		if got := s.job.Status(); got.Parallelism != parallelism || len(got.Operators[0].Subtasks) != parallelism {
			t.Fatalf("status %+v", got)
		}
		if err := s.job.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.job.Status(); got.Attempts != 4 || len(got.Failures) != 0 {
		t.Errorf("%d attempts, failures %v", got.Attempts, got.Failures)
	}
	for _, parallelism := range []int{0, -1, 129} {
		if err := s.job.Rescale(t.Context(), parallelism); err == nil || !strings.Contains(err.Error(), "choose a parallelism of 1 to 128") {
			t.Errorf("%d: %v", parallelism, err)
		}
	}
	log.Seal() // which the next attempt learns, so it comes to an end
	if err := s.job.Rescale(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if err := <-s.err; err != nil {
		t.Fatal(err)
	}
	want := model.Run(log)
	compare(t, r, want)
	if n := len(r.counts.Elements()); n != len(want.Counts) {
		t.Errorf("%d results, want %d: none twice", n, len(want.Counts))
	}
	if err := s.job.Rescale(t.Context(), 2); !errors.Is(err, engine.ErrNotRunning) {
		t.Errorf("after the end: %v", err)
	}
}

// Ensure that a rescale whose checkpoint fails leaves the job as it was.
func TestJob_RescaleFails(t *testing.T) {
	log := enginetest.NewLog[ride]("a", "b")
	store := &failing{Store: checkpoint.NewMemory(1)}
	r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
	s := start(t, r.job(engine.Config{Name: "test", Parallelism: 2, Store: store}))
	fill := func(split string) { log.Append(split, rideAt(5, 1, 1), 5) }
	fill("a")
	s.reads(t, 1)
	if err := s.job.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	store.fails.Store(true)
	if err := s.job.Rescale(t.Context(), 3); !errors.Is(err, errFull) {
		t.Fatal(err)
	}
	store.fails.Store(false)
	fill("b")
	if got := s.job.Status(); got.Parallelism != 2 || got.State != engine.JobRunning {
		t.Errorf("status %+v", got)
	}
	log.Seal()
	if err := s.job.Rescale(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if err := <-s.err; err != nil {
		t.Fatal(err)
	}
	compare(t, r, model.Run(log))
}

// Ensure that what was asked of a job while it rescales is done by the attempt that follows,
// and that a stop in the middle stops it.
func TestJob_AskedWhileRescaling(t *testing.T) {
	for range 20 {
		log := twoRecords()
		r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
		s := start(t, r.job(engine.Config{Name: "test", Parallelism: 2, Store: checkpoint.NewMemory(1)}))
		s.reads(t, 2)
		rescaled, asked := make(chan error, 1), make(chan error, 1)
		go func() { rescaled <- s.job.Rescale(t.Context(), 3) }()
		go func() { asked <- s.job.Checkpoint(t.Context()) }()
		if err := <-asked; err != nil {
			t.Fatal(err)
		}
		if err := <-rescaled; err != nil {
			t.Fatal(err)
		}
		go func() { rescaled <- s.job.Rescale(t.Context(), 1) }()
		if err := s.job.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-rescaled; err != nil && !errors.Is(err, engine.ErrNotRunning) {
			t.Fatal(err)
		}
		if err := <-s.err; err != nil {
			t.Fatal(err)
		}
		log.Seal()
		compare(t, r, model.Run(log))
	}
}
