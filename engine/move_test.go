package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// places prints which subtask reads which open split, and how often each was moved.
func places(s engine.Snapshot) string {
	var lines []string
	for _, split := range s.Splits {
		if split.State == engine.SplitReading {
			lines = append(lines, fmt.Sprintf("%s/%d:%d", split.ID, split.Subtask, split.Moved))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}

// Ensure that the children of a split, which begin where it was, are spread at a barrier, that the
// clock holds meanwhile, none is found idle by that, and each element counts once.
func TestJob_SplitsMove(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	r := &rides{source: &enginetest.LogSource[ride]{Log: log, Eager: true, Ends: true, NameChildren: true}}
	clock := engine.NewManualClock(time.UnixMilli(0))
	job := r.job(engine.Config{
		Name: "test", Parallelism: 3, Store: checkpoint.NewMemory(1), Clock: clock, BalanceSplits: true, IdleTimeout: 10 * time.Second,
		CheckpointInterval: time.Hour,
	})
	d, err := enginetest.Drive(t.Context(), job, clock, nil)
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(err)
	do(d.Run())
	id := int64(0)
	write := func(splits ...string) {
		for range 10 {
			for _, split := range splits {
				id++
				log.Append(split, rideAt(id*10, id, 7), id*10)
			}
		}
		log.WatermarkAll(id*10 - 200)
		do(d.Run())
	}
	write("a")
	log.Split("a", "b", "c", "d", "e", "f")
	do(d.Run())
	write("b", "c", "d", "e", "f")
	if got, want := places(job.Status()), "b/0:0 c/0:0 d/0:0 e/0:0 f/0:0"; got != want {
		t.Fatalf("before a barrier %s, want %s", got, want)
	}
	clock.Advance(8 * time.Second) // long at their tips, but for the timeout
	do(d.Tick())
	before := job.Status().Watermark
	do(d.Checkpoint())
	if got, want := places(job.Status()), "b/1:1 c/2:1 d/1:1 e/0:0 f/0:0"; got != want {
		t.Fatalf("behind a barrier %s, want %s", got, want)
	}
	if got := job.Status().Watermark; got != before {
		t.Errorf("the clock went from %d to %d", before, got)
	}
	log.Watermark("e", id*10)
	clock.Advance(4 * time.Second)
	do(d.Tick())
	for _, split := range job.Status().Splits {
		if split.Moved > 0 && split.Idle {
			t.Errorf("%s is idle, and was not looked at for 10 s since it moved", split.ID)
		}
	}
	write("b", "c", "d", "e", "f")
	log.Seal()
	do(d.Run())
	compare(t, r, model.Run(log))
	if n := len(r.again.Elements()); n != 0 {
		t.Errorf("%d elements were read twice", n)
	}
}

// Ensure the same of a job with goroutines, whose readers wait for what comes, whether a barrier is
// asked for or, without a store, has to be.
func TestJob_SplitsMoveWhileReading(t *testing.T) {
	for name, store := range map[string]checkpoint.Store{"Store": checkpoint.NewMemory(1), "NoStore": nil} {
		t.Run(name, func(t *testing.T) {
			log := enginetest.NewLog[ride]("a")
			r := &rides{source: &enginetest.LogSource[ride]{Log: log, Ends: true}}
			s := start(t, r.job(engine.Config{Name: "test", Parallelism: 4, Store: store, BalanceSplits: true, TickInterval: time.Millisecond}))
			log.Split("a", "b", "c", "d", "e")
			at := int64(0)
			wait(t, "each subtask reads one", func() bool {
				at += 10
				for i, split := range log.Open() {
					log.Append(split, rideAt(at, at*4+int64(i), 7), at)
				}
				subtasks := map[int]bool{}
				for _, split := range s.job.Status().Splits {
					if split.State == engine.SplitReading {
						subtasks[split.Subtask] = true
					}
				}
				return len(subtasks) == 4
			})
			log.Seal()
			if err := <-s.err; err != nil {
				t.Fatal(err)
			}
			compare(t, r, model.Run(log))
			if n := len(r.again.Elements()); n != 0 {
				t.Errorf("%d elements were read twice", n)
			}
		})
	}
}
