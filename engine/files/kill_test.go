package files_test

import (
	"errors"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
	"taxistream/engine/files"
)

var t0 = time.UnixMilli(0)

const second = time.Second

// world is what survives a process.
type world struct {
	t     *testing.T
	store *checkpoint.Memory
	log   *enginetest.Log[number]
	next  int64
	in    string      // folder that is read; empty: the log is
	out   string      // folder that is written
	place files.Place // the same

	savepoint *checkpoint.Checkpoint // to start from; nil: none
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, store: checkpoint.NewMemory(2), log: enginetest.NewLog[number]("a", "b"), out: t.TempDir()}
	w.place = openFolder(t, w.out)
	return w
}

// more appends to the log, if that is what is read.
func (w *world) more(n int) {
	if w.in != "" {
		return
	}
	for range n {
		w.log.Append([]string{"a", "b"}[w.next%2], number{w.next}, w.next)
		w.next++
	}
}

// start begins a process that writes by way of place, step by step.
func (w *world) start(place files.Place, parallelism int) (*enginetest.Driver, *files.Sink[number], error) {
	clock := engine.NewManualClock(t0)
	job := engine.NewJob(engine.Config{Name: "test", Parallelism: parallelism, Store: w.store, Clock: clock, FetchCapacity: 1, Savepoint: w.savepoint})
	var in *engine.Stream[number]
	if w.in == "" {
		source := &enginetest.LogSource[number]{Log: w.log, ReadSize: 2, Eager: true}
		records := engine.FromSource(job, "in", source, enginetest.Watermarks[number]())
		in = engine.Map(records, "value", func(r *enginetest.Record[number]) number { return r.Value })
	} else {
		in = engine.FromSource(job, "in", slowly(readNumbers(w.in)), engine.NoWatermarks[number]())
	}
	sink := numbers(place)
	sink.OnMissing = func(p files.Pending) { w.t.Errorf("%s is missing", p.Visible) }
	engine.SinkTo(engine.Rebalance(in, "spread"), "out", sink)
	d, err := enginetest.Drive(w.t.Context(), job, clock, nil)
	return d, sink, err
}

// slowly has each read give one line.
func slowly(s *files.Source[number]) *files.Source[number] {
	s.ReadBytes = 1
	return s
}

// kill runs a process until it dies at a call, and then another to the end. over: it came
// to the end without dying.
func (w *world) kill(last int, arrive bool) (over bool) {
	w.t.Helper()
	way := &dying{Place: w.place, t: w.t, store: w.store, last: last, arrive: arrive}
	w.store.FailWith(func(*checkpoint.Checkpoint) error {
		if way.dead() {
			return errDead
		}
		return nil
	})
	d, _, err := w.start(way, 2)
	for round := 0; err == nil && round < 4; round++ {
		w.more(4)
		for moved := true; err == nil && moved && round%2 == 1; { // the barrier finds files that are finished already
			moved, err = d.Step()
			moved = moved && w.in == ""
		}
		for range 12 { // or comes in the middle
			if err == nil {
				_, err = d.Step()
			}
		}
		if err == nil {
			err = d.Checkpoint()
		}
	}
	if err != nil && !errors.Is(err, errDead) && !errors.Is(err, engine.ErrFinished) {
		w.t.Fatal(err)
	}
	over = !way.dead()
	if d != nil {
		d.Kill()
	}
	w.store.FailWith(nil)
	w.more(4)
	w.log.Seal()
	d, sink, err := w.start(&dying{Place: w.place, t: w.t, store: w.store}, 3)
	if err == nil {
		err = d.Run()
	}
	if err != nil && !errors.Is(err, engine.ErrFinished) {
		w.t.Fatal(err)
	}
	if s := sink.Stats(); s.Missing > 0 || s.Pending > 0 {
		w.t.Errorf("the figures are %+v", s)
	}
	return over
}

// Ensure that a process that dies at any call to the place of its files is followed by one
// after which every element is in exactly one visible file, and nothing else is left.
func TestSink_KilledAtEveryCall(t *testing.T) {
	for _, arrive := range []bool{false, true} {
		calls := everyCall(t, 1, func(last int) bool {
			w, m := newWorld(t), files.NewMemory()
			w.place = m
			over := w.kill(last, arrive)
			hold(t, m.Files(), w.next)
			return over
		})
		t.Logf("%d calls", calls)
		if calls < 50 {
			t.Errorf("only %d calls were the last", calls)
		}
	}
}

// Ensure the same on a disk; each call was tried in memory.
func TestFolder_Killed(t *testing.T) {
	everyCall(t, 7, func(last int) bool {
		w := newWorld(t)
		over := w.kill(last, last%2 == 0)
		exactlyOnce(t, w.out, w.next)
		return over
	})
}

// Ensure the same of a job that reads files: it goes on in the middle of them.
func TestSource_KilledAtEveryCall(t *testing.T) {
	in := t.TempDir()
	const n = 40
	writeNumbers(t, in, n, 4)
	everyCall(t, 1, func(last int) bool {
		w, m := newWorld(t), files.NewMemory()
		w.place, w.in = m, in
		over := w.kill(last, last%2 == 0)
		hold(t, m.Files(), n)
		return over
	})
}

// everyCall has processes die at one call after the other, until one comes to its end, and
// gives the number of calls.
func everyCall(t *testing.T, step int, dies func(last int) (over bool)) int {
	t.Helper()
	for last := 1; ; last += step {
		over := dies(last)
		if t.Failed() {
			t.Fatalf("the last call was number %d", last)
		}
		if over {
			return last - 1
		}
	}
}
