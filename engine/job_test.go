package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
	"taxistream/engine/window"
)

// ride is the test's element; cellCount its result.
type ride struct{ ID, Cell int64 }

type cellCount struct {
	Cell  int64
	Start int64
	Count int64
}

const size = int64(10_000)

type int64Codec = engine.Int64Codec

// rides is the job of most tests: judge lateness by split, pass each id once, count by cell.
type rides struct {
	source engine.Source[enginetest.Record[ride]]
	counts enginetest.Collect[cellCount]
	late   enginetest.Collect[enginetest.Record[ride]]
	again  enginetest.Collect[enginetest.Record[ride]]
}

type record = enginetest.Record[ride]

var lateTag = engine.NewTag[record]("late")

// cellCounts counts rides by cell.
var cellCounts = engine.Aggregation[int64, record, int64, cellCount]{
	Add: func(n *int64, _ *engine.Element[record]) { *n++ },
	Result: func(cell int64, w window.Window, n *int64) (cellCount, bool) {
		return cellCount{Cell: cell, Start: w.Start, Count: *n}, true
	},
	Codec: int64Codec{},
}

func (r *rides) job(c engine.Config) *engine.Job {
	job := engine.NewJob(c)
	in := engine.FromSource(job, "rides", r.source, enginetest.Watermarks[ride]())
	judged := engine.Process(in, "judge", func(s *engine.Subtask) (engine.ProcessFunc[record, record], error) {
		late := engine.SideCollector(s, lateTag)
		return func(e *engine.Element[record], out *engine.Collector[record]) error {
			if e.Value.Current >= window.Start(e.EventTime, size)+size-1 {
				*late.Slot() = *e
				return nil
			}
			*out.Slot() = *e
			return nil
		}, nil
	})
	byID := engine.KeyBy(judged, func(r *record) int64 { return r.Value.ID }, int64Codec{})
	// The window's end is kept in Number's place: records know no event time of their own.
	unique, again, lost := engine.Distinct(byID, "dedupe", func(r *record) int64 { return r.Value.ID/1_000_000*size + size - 1 })
	byCell := engine.KeyBy(unique, func(r *record) int64 { return r.Value.Cell }, int64Codec{})
	counts, lost2 := engine.Aggregate(byCell, "count", window.Tumbling(time.Duration(size)*time.Millisecond), cellCounts)
	engine.SinkTo(counts, "counts", &r.counts)
	engine.SinkTo(engine.Union("rejects", engine.SideOutput(judged, lateTag), lost, lost2), "late sink", &r.late)
	engine.SinkTo(again, "again", &r.again)
	return job
}

// rideAt makes a ride whose id carries its window, so that Distinct's until can be told from it.
func rideAt(t int64, id, cells int64) ride {
	return ride{ID: t/size*1_000_000 + id, Cell: id % cells}
}

func run(t *testing.T, job *engine.Job) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return job.Run(ctx)
}

// Ensure a bounded log goes through the whole chain and every window fires.
func TestJob_BoundedLog(t *testing.T) {
	for _, p := range []int{1, 2, 5} {
		t.Run(fmt.Sprint("parallelism ", p), func(t *testing.T) {
			log := enginetest.NewLog[ride]("a", "b")
			for i := range int64(1000) {
				at := i * 100
				split := []string{"a", "b"}[i%2]
				log.Append(split, rideAt(at, i, 7), at)
				if i%10 == 0 {
					log.WatermarkAll(at - 1)
				}
				if i%50 == 0 {
					log.Append("a", rideAt(at, i, 7), at)
				}
			}
			log.Seal()
			r := &rides{source: &enginetest.LogSource[ride]{Log: log}}
			store := checkpoint.NewMemory(3)
			job := r.job(engine.Config{Name: "test", Parallelism: p, Store: store})
			if err := run(t, job); err != nil {
				t.Fatal(err)
			}
			var total int64
			for _, e := range r.counts.Elements() {
				total += e.Value.Count
			}
			if got, want := total, int64(1000); got != want {
				t.Errorf("total = %d, want %d", got, want)
			}
			if got, want := len(r.again.Elements()), 20; got != want {
				t.Errorf("duplicates = %d, want %d", got, want)
			}
			if got := len(r.late.Elements()); got != 0 {
				t.Errorf("late = %d", got)
			}
			if got, want := len(r.counts.Elements()), 70; got != want {
				t.Errorf("results = %d, want %d", got, want)
			}
			if err := run(t, r.job(engine.Config{Name: "test", Store: store})); !errors.Is(err, engine.ErrFinished) {
				t.Errorf("start from a finished checkpoint: %v", err)
			}
			s := job.Status()
			if s.State != engine.JobFinished || s.Watermark != engine.MaxWatermark {
				t.Errorf("status = %+v", s)
			}
		})
	}
}
