package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// fill appends a part of a stream: n elements of each of ten keys, and the watermark behind them.
func fill(log *enginetest.Log[ride], part, n int64) {
	for i := range n * 10 {
		at := part*5000 + i*10
		log.Append([]string{"a", "b", "c"}[i%3], rideAt(at, part*n*10+i, 10), at)
	}
	log.WatermarkAll(part*5000 + 2999)
}

// Ensure that a savepoint holds the job as it was, at any parallelism, while the job goes on
// and its store retires what it likes.
func TestJob_Savepoint(t *testing.T) {
	log := enginetest.NewLog[ride]("a", "b", "c")
	r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
	s := start(t, r.job(engine.Config{Name: "test", Parallelism: 2, Store: checkpoint.NewMemory(1)}))
	fill(log, 0, 30)
	s.reads(t, 303)
	dir := filepath.Join(t.TempDir(), "by hand", "first")
	saved, err := s.job.Savepoint(t.Context(), checkpoint.NewSavepoint(dir))
	if err != nil || saved.ID == 0 || saved.Bytes == 0 {
		t.Fatalf("savepoint %+v: %v", saved, err)
	}
	if n := s.job.Status().Checkpoints.Completed; n != 0 {
		t.Errorf("%d checkpoints: a savepoint counts as none", n)
	}
	_, err = s.job.Savepoint(t.Context(), checkpoint.NewSavepoint(dir))
	if err == nil || !strings.Contains(err.Error(), "there is something already") {
		t.Errorf("a second one at the same place: %v", err)
	}
	fill(log, 1, 30)
	if err := s.job.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.job.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	log.Seal()
	for _, parallelism := range []int{1, 2, 5} {
		c, err := checkpoint.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		again := &rides{source: r.source}
		again.counts.Add(r.counts.Elements()...)
		again.late.Add(r.late.Elements()...)
		store := checkpoint.NewMemory(1)
		job := again.job(engine.Config{Name: "test", Parallelism: parallelism, Store: store, Savepoint: c})
		if err := run(t, job); err != nil {
			t.Fatal(err)
		}
		if got := job.Status().Checkpoints; got.RestoredID != saved.ID || !got.RestoredSavepoint || got.LastID <= saved.ID {
			t.Errorf("checkpoints %+v", got)
		}
		compare(t, again, model.Run(log))
	}
}

// Ensure that a savepoint comes before what the store holds, but not before what the job has
// done since; and that a damaged or absent one is refused.
func TestJob_FromSavepoint(t *testing.T) {
	log := twoRecords()
	store := checkpoint.NewMemory(3)
	stopped(t, engine.Config{Name: "test", Store: store}, log)
	first, _, err := store.Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "savepoint")
	if _, err := checkpoint.Copy(t.Context(), first, checkpoint.NewSavepoint(dir)); err != nil {
		t.Fatal(err)
	}
	log.Append("a", rideAt(7, 3, 1), 7)
	log.Append("a", rideAt(8, 4, 1), 8)
	stopped(t, engine.Config{Name: "test", Store: store}, log)
	c, err := checkpoint.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, lost := range []bool{false, true} {
		fallsBack(t, log, &lossy{Memory: store}, c, lost)
	}

	if _, err := checkpoint.Open(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "holds no savepoint") {
		t.Errorf("an empty folder: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.state"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v %v", files, err)
	}
	if err := os.Truncate(files[0], 3); err != nil {
		t.Fatal(err)
	}
	if _, err := checkpoint.Open(t.Context(), dir); !errors.Is(err, checkpoint.ErrCorrupt) {
		t.Errorf("a damaged one: %v", err)
	}
}

// fallsBack starts from a savepoint, takes a checkpoint, whose answer may be lost, and has the
// attempt fail: the next one goes on from the checkpoint.
func fallsBack(t *testing.T, log *enginetest.Log[ride], store *lossy, from *checkpoint.Checkpoint, lost bool) {
	t.Helper()
	before, _, err := store.Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var events []engine.RestoreEvent
	fails := errors.New("once")
	var broken atomic.Bool
	r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
	r.counts.Fail = func(string) error {
		if broken.Swap(false) {
			return fails
		}
		return nil
	}
	job := r.job(engine.Config{
		Name: "test", Store: store, Savepoint: from, Restart: engine.FixedDelay{Attempts: 1},
		Hooks: engine.Hooks{OnRestore: func(e engine.RestoreEvent) { events = append(events, e) }},
	})
	s := start(t, job)
	s.reads(t, 2)
	store.lose.Store(lost)
	if err := job.Checkpoint(t.Context()); (err != nil) != lost {
		t.Fatal(err)
	}
	broken.Store(true)
	if err := job.Checkpoint(t.Context()); !errors.Is(err, fails) {
		t.Fatal(err)
	}
	wait(t, "another attempt", func() bool { return job.Status().Attempts == 2 && job.Status().State == engine.JobRunning })
	if err := job.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(events) != 2 || events[0].ID != from.ID || !events[0].Savepoint || events[1].ID != before.ID+1 || events[1].Savepoint {
		t.Errorf("answer lost %v: restored %+v", lost, events)
	}
}

// lossy is a store that loses an answer: the checkpoint is whole, and the job hears that it failed.
type lossy struct {
	*checkpoint.Memory
	lose atomic.Bool
}

func (l *lossy) Begin(ctx context.Context, id int64) (checkpoint.Writer, error) {
	w, err := l.Memory.Begin(ctx, id)
	return &lossyWriter{w, l}, err
}

type lossyWriter struct {
	checkpoint.Writer
	l *lossy
}

func (w *lossyWriter) Commit(ctx context.Context, c *checkpoint.Checkpoint) (int64, error) {
	n, err := w.Writer.Commit(ctx, c)
	if err == nil && w.l.lose.Swap(false) {
		err = errors.New("the answer is lost")
	}
	return n, err
}

// Ensure that a job stops with a savepoint, drained or not, and says so where only that fails.
func TestJob_StopWithSavepoint(t *testing.T) {
	for _, drain := range []bool{false, true} {
		log, store := twoRecords(), checkpoint.NewMemory(1)
		r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
		s := start(t, r.job(engine.Config{Name: "test", Store: store}))
		s.reads(t, 2)
		dir := filepath.Join(t.TempDir(), "savepoint")
		saved, err := s.job.StopWithSavepoint(t.Context(), checkpoint.NewSavepoint(dir), drain)
		if err != nil {
			t.Fatal(err)
		}
		if err := <-s.err; err != nil {
			t.Fatal(err)
		}
		c, err := checkpoint.Open(t.Context(), dir)
		if err != nil || c.ID != saved.ID || c.Finished != drain {
			t.Fatalf("savepoint %+v: %v", c, err)
		}
		log.Append("a", rideAt(7, 3, 1), 7)
		log.Seal()
		if err := run(t, r.job(engine.Config{Name: "test", Savepoint: c})); errors.Is(err, engine.ErrFinished) != drain || !drain && err != nil {
			t.Fatalf("drained %v: %v", drain, err)
		}
		if !drain {
			compare(t, r, model.Run(log))
		}
	}
	log, store := twoRecords(), checkpoint.NewMemory(1)
	s := start(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{Name: "test", Store: store}))
	s.reads(t, 2)
	_, err := s.job.StopWithSavepoint(t.Context(), checkpoint.NewSavepoint(t.TempDir()), false)
	if err == nil || !strings.Contains(err.Error(), "has stopped with checkpoint 1, but the savepoint cannot be written") {
		t.Errorf("a place that is taken: %v", err)
	}
	if err := <-s.err; err != nil {
		t.Errorf("the job ends with %v", err)
	}
}

// Ensure that a savepoint is refused once the last checkpoint of a stop without one has begun:
// that one need not be portable.
func TestJob_StopWithSavepointTooLate(t *testing.T) {
	store := &waiting{Memory: checkpoint.NewMemory(1), begun: make(chan struct{}), goOn: make(chan struct{})}
	s := start(t, (&rides{source: &enginetest.LogSource[ride]{Log: twoRecords()}}).job(engine.Config{Name: "test", Store: store}))
	s.reads(t, 2)
	stopped := make(chan error, 1)
	go func() { stopped <- s.job.Stop(t.Context()) }()
	<-store.begun
	noWait, cancel := context.WithCancel(t.Context())
	cancel()
	to := checkpoint.NewMemory(1)
	_, err := s.job.StopWithSavepoint(noWait, to, false)
	close(store.goOn)
	if err == nil || !strings.Contains(err.Error(), "its last checkpoint is under way") {
		t.Errorf("a savepoint of a stop that is under way: %v", err)
	}
	if err := errors.Join(<-stopped, <-s.err); err != nil {
		t.Errorf("the job ends with %v", err)
	}
	if _, _, err := to.Latest(t.Context()); !errors.Is(err, checkpoint.ErrNone) {
		t.Errorf("the savepoint is there: %v", err)
	}
}

// waiting is a store whose first checkpoint begins when it is told to.
type waiting struct {
	*checkpoint.Memory
	begun, goOn chan struct{}
}

func (w *waiting) Begin(ctx context.Context, id int64) (checkpoint.Writer, error) {
	close(w.begun)
	<-w.goOn
	return w.Memory.Begin(ctx, id)
}

// Ensure that operators may be added to what a savepoint was made of, and taken away with
// explicit permission.
func TestJob_OtherOperators(t *testing.T) {
	store, log := checkpoint.NewMemory(1), twoRecords()
	stopped(t, engine.Config{Name: "test", Store: store}, log)
	log.Append("a", rideAt(7, 3, 1), 7)
	log.Seal()
	c, _, err := store.Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var restored engine.RestoreEvent
	build := func(config engine.Config) *engine.Job {
		config.Name, config.Savepoint = "test", c
		config.Hooks.OnRestore = func(e engine.RestoreEvent) { restored = e }
		job := engine.NewJob(config)
		in := engine.FromSource(job, "rides", &enginetest.LogSource[ride]{Log: log}, enginetest.Watermarks[ride]())
		byID := engine.KeyBy(in, func(r *record) int64 { return r.Value.ID }, int64Codec{})
		unique, _, _ := engine.Distinct(byID, "new distinct", func(*record) int64 { return size })
		engine.SinkTo(unique, "new out", &enginetest.Collect[record]{})
		return job
	}
	var refused *engine.IncompatibleError
	if err := run(t, build(engine.Config{})); !errors.As(err, &refused) {
		t.Errorf("without permission: %v", err)
	}
	if err := run(t, build(engine.Config{MayDrop: []string{"distinct", "window"}})); !errors.As(err, &refused) {
		t.Errorf("with permission for others: %v", err)
	}
	var held []string
	for name := range c.Operators {
		held = append(held, name)
	}
	for _, config := range []engine.Config{{MayDrop: held}, {AllowNonRestoredState: true}} {
		log = twoRecords()
		log.Append("a", rideAt(7, 3, 1), 7)
		log.Seal()
		if err := run(t, build(config)); err != nil {
			t.Fatal(err)
		}
	}
	if restored.ID != 1 || len(restored.Dropped) == 0 || restored.Dropped[0] != "count" {
		t.Errorf("restored %+v", restored)
	}
}
