package engine_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
	"taxistream/engine/window"
)

// failingAt counts rides behind an operator, on the far side of an exchange, that fails at
// ride 7 so many times.
func failingAt(c engine.Config, times int64, counts engine.Sink[cellCount]) *engine.Job {
	log := enginetest.NewLog[ride]("a")
	for i := range int64(20) {
		log.Append("a", ride{ID: i}, i)
	}
	log.Seal()
	var left atomic.Int64
	left.Store(times)
	job := engine.NewJob(c)
	in := engine.FromSource(job, "in", &enginetest.LogSource[ride]{Log: log, ReadSize: 5}, enginetest.Watermarks[ride]())
	out := engine.Process(engine.Union("hop", in), "work", func(*engine.Subtask) (engine.ProcessFunc[record, record], error) {
		return func(e *engine.Element[record], out *engine.Collector[record]) error {
			if e.Value.Value.ID == 7 && left.Add(-1) >= 0 {
				return errors.New("a ride that cannot be")
			}
			out.EmitElement(e)
			return nil
		}, nil
	})
	byCell := engine.KeyBy(out, func(r *record) int64 { return r.Value.Cell }, int64Codec{})
	results, _ := engine.Aggregate(byCell, "count", window.Tumbling(time.Second), cellCounts)
	engine.SinkTo(results, "counts", counts)
	return job
}

// Ensure that a job begins again by itself, delivers everything once, and tells where it
// failed, and that it failed there again.
func TestJob_Restarts(t *testing.T) {
	var counts enginetest.Collect[cellCount]
	job := failingAt(engine.Config{Name: "test", Parallelism: 2, Restart: engine.FixedDelay{Attempts: 3}}, 3, &counts)
	if err := run(t, job); err != nil {
		t.Fatal(err)
	}
	if got := counts.Elements(); len(got) != 1 || got[0].Value.Count != 20 {
		t.Errorf("counts %v", got)
	}
	s := job.Status()
	if s.State != engine.JobFinished || s.Attempts != 4 || len(s.Failures) != 3 {
		t.Fatalf("status %+v", s)
	}
	for i, f := range s.Failures {
		var o *engine.OperatorError
		if !errors.As(f.Err, &o) || o.Operator != "work" || o.Split != "a" || !strings.HasPrefix(o.Element, "{{7 0}") || len(o.Offset) != 8 || o.Offset[7] != 5 {
			t.Errorf("failure %d: %+v", i, o)
		}
		if f.Attempt != i+1 || f.Repeats != i {
			t.Errorf("failure %d: attempt %d, repeats %d", i, f.Attempt, f.Repeats)
		}
	}
}

// Ensure that a job that fails too often ends with its failure, and one whose checkpoint
// is refused at once.
func TestJob_RestartGivesUp(t *testing.T) {
	var counts enginetest.Collect[cellCount]
	job := failingAt(engine.Config{Name: "test", Restart: engine.FixedDelay{Attempts: 2}}, 1000, &counts)
	if err := run(t, job); err == nil || !strings.Contains(err.Error(), "cannot be") || job.Status().Attempts != 3 {
		t.Errorf("after %d attempts: %v", job.Status().Attempts, err)
	}
	store := checkpoint.NewMemory(1)
	c := engine.Config{Name: "test", Store: store, Fingerprint: map[string]string{"a": "1"}, Restart: engine.FixedDelay{Attempts: 1000}}
	if err := run(t, failingAt(c, 0, &counts)); err != nil {
		t.Fatal(err)
	}
	c.Fingerprint = map[string]string{"a": "2"}
	job = failingAt(c, 0, &counts)
	if err := run(t, job); err == nil || job.Status().Attempts != 1 {
		t.Errorf("after %d attempts: %v", job.Status().Attempts, err)
	}
}

// Ensure that a task has the parallelism that its first operator is given, and that a name
// of no task is refused.
func TestJob_ParallelismOf(t *testing.T) {
	var counts enginetest.Collect[cellCount]
	job := failingAt(engine.Config{Name: "test", Parallelism: 2, ParallelismOf: map[string]int{"in": 1, "hop": 3, "count": 5}}, 0, &counts)
	if err := run(t, job); err != nil {
		t.Fatal(err)
	}
	if got := counts.Elements(); len(got) != 1 || got[0].Value.Count != 20 {
		t.Errorf("counts %v", got)
	}
	want := map[string]int{"in": 1, "hop": 3, "work": 3, "count": 5, "counts": 5}
	for _, o := range job.Status().Operators {
		if len(o.Subtasks) != want[o.Name] {
			t.Errorf("%s has %d subtasks, want %d", o.Name, len(o.Subtasks), want[o.Name])
		}
	}
	job = failingAt(engine.Config{Name: "test", ParallelismOf: map[string]int{"work": 3}}, 0, &counts)
	if err := run(t, job); err == nil || !strings.Contains(err.Error(), `"work"`) {
		t.Errorf("a chained operator: %v", err)
	}
}

// Ensure that state which an older version of a codec wrote is gone on from, and that of
// a version nobody knows is refused by name.
func TestJob_CodecMigration(t *testing.T) {
	plan := func(c engine.Config, log *enginetest.Log[ride], codec engine.Codec[int64], out engine.Sink[cellCount]) *engine.Job {
		job := engine.NewJob(c)
		in := engine.FromSource(job, "in", &enginetest.LogSource[ride]{Log: log}, enginetest.Watermarks[ride]())
		agg := cellCounts
		agg.Codec = codec
		results, _ := engine.Aggregate(engine.KeyBy(in, func(r *record) int64 { return r.Value.Cell }, int64Codec{}), "count", window.Tumbling(time.Second), agg)
		engine.SinkTo(results, "counts", out)
		return job
	}
	store, log := checkpoint.NewMemory(1), twoRecords()
	s := start(t, plan(engine.Config{Name: "test", Store: store}, log, int64Codec{}, &enginetest.Collect[cellCount]{}))
	s.reads(t, 2)
	if err := s.job.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	log.Seal()
	text := engine.FuncCodec[int64]{ // version 3 writes digits; 2 was never released
		AppendFunc: func(b []byte, v int64) []byte { return engine.StringCodec{}.Append(b, strings.Repeat("x", int(v))) },
		DecodeFunc: func(b []byte) (int64, []byte, error) {
			v, rest, err := engine.StringCodec{}.Decode(b)
			return int64(len(v)), rest, err
		},
		Number: 3,
	}
	var refused *engine.IncompatibleError
	if err := run(t, plan(engine.Config{Name: "test", Store: store}, log, text, &enginetest.Collect[cellCount]{})); !errors.As(err, &refused) || !strings.Contains(err.Error(), "version 1") {
		t.Errorf("an unknown version: %v", err)
	}
	text.Older = map[int]func([]byte) (int64, []byte, error){1: int64Codec{}.Decode}
	var counts enginetest.Collect[cellCount]
	if err := run(t, plan(engine.Config{Name: "test", Store: store}, log, text, &counts)); err != nil {
		t.Fatal(err)
	}
	if got := counts.Elements(); len(got) != 1 || got[0].Value.Count != 2 {
		t.Errorf("counts %v", got)
	}
}
