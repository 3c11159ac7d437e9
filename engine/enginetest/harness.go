package enginetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
)

// Harness runs an operator, or a few that belong together, by calls: elements, watermarks
// and processing time go in, and when a call returns, everything that follows from it is
// out. It starts no goroutine, has no source to be written and no store, and waits for nothing.
//
// Inputs are made by NewInput, then the graph by Open; outputs are Collect sinks:
//
//	h := enginetest.NewHarness(engine.Config{Parallelism: 2})
//	words := enginetest.NewInput[string](h, "words")
//	var counts enginetest.Collect[int64]
//	err := h.Open(ctx, func(job *engine.Job) { engine.SinkTo(count(words.Stream(job)), "counts", &counts) })
//	err = words.Element("a", 3)
//	err = words.Watermark(9)
//	fmt.Println(counts.Take())
//
// Snapshot keeps the operators' state, Restore goes on from it in new instances, as many
// as asked for. Elements that came after the snapshot are forgotten, and are not
// repeated: a test that wants them calls Element again.
type Harness struct {
	// Clock is processing time; it moves by Advance.
	Clock *engine.ManualClock

	config engine.Config
	inputs []harnessInput
	store  *checkpoint.Memory
	build  func(*engine.Job)
	driver *Driver
}

// harnessInput is an Input whatever its type.
type harnessInput interface {
	snapshot()
	restore()
}

// NewHarness returns a harness that is not open. Of c the limits count and Parallelism; at
// parallelism 1 outputs come in the order in which the operator emits them.
func NewHarness(c engine.Config) *Harness {
	h := &Harness{Clock: engine.NewManualClock(time.UnixMilli(0)), store: checkpoint.NewMemory(1), config: c}
	h.config.Name, h.config.Clock, h.config.Store, h.config.CheckpointInterval = "harness", h.Clock, h.store, 0
	return h
}

// Open makes the operators: build is called now, and again by each Restore.
func (h *Harness) Open(ctx context.Context, build func(job *engine.Job)) error {
	h.build = build
	return h.start(ctx)
}

func (h *Harness) start(ctx context.Context) (err error) {
	job := engine.NewJob(h.config)
	h.build(job)
	if h.driver, err = Drive(ctx, job, h.Clock, nil); err != nil {
		return err
	}
	return h.driver.Run()
}

// Advance moves processing time on: what is due by then happens.
func (h *Harness) Advance(d time.Duration) error {
	h.Clock.Advance(d)
	return h.driver.Tick()
}

// Snapshot keeps the state of all operators, in the place of what was kept before.
func (h *Harness) Snapshot() error {
	kept := h.store.Saved()
	err := h.driver.Checkpoint()
	if err == nil && h.store.Saved() == kept {
		c := h.driver.job.Status().Checkpoints
		err = fmt.Errorf("enginetest: the snapshot failed: %s", c.LastError)
	}
	for _, in := range h.inputs {
		in.snapshot()
	}
	return err
}

// Restore ends the operators as a crash does and makes them anew from the last
// snapshot, or from nothing where there is none; parallelism 0: as many as before.
func (h *Harness) Restore(ctx context.Context, parallelism int) error {
	h.driver.Kill()
	if parallelism > 0 {
		h.config.Parallelism = parallelism
	}
	for _, in := range h.inputs {
		in.restore()
	}
	return h.start(ctx)
}

// Status is what the operators count: late elements, entries of state and so on.
func (h *Harness) Status() engine.Snapshot { return h.driver.job.Status() }

// Drain gives the greatest watermark, which ends every window, and then the end.
func (h *Harness) Drain() error { return h.driver.Drain() }

// Close ends the operators. It returns what they failed with, if they did.
func (h *Harness) Close() error {
	if err := h.driver.Close(); !errors.Is(err, engine.ErrCancelled) {
		return err
	}
	return nil
}

// Input is a stream into a Harness. An operator may have several, each with a clock of its own.
type Input[T any] struct {
	h    *Harness
	name string
	log  *Log[T]
	kept int // records at the last snapshot
}

// NewInput returns an input of a harness that is not open yet.
func NewInput[T any](h *Harness, name string) *Input[T] {
	in := &Input[T]{h: h, name: name, log: NewLog[T](name)}
	h.inputs = append(h.inputs, in)
	return in
}

// Stream is the input as the harness's build function uses it.
func (in *Input[T]) Stream(job *engine.Job) *engine.Stream[T] {
	records := engine.FromSource(job, in.name+" log", &LogSource[T]{Log: in.log, Eager: true}, Watermarks[T]())
	return engine.Map(records, in.name, func(r *Record[T]) T { return r.Value })
}

// Element hands in a value with its event time, ms since the epoch.
func (in *Input[T]) Element(value T, eventTime int64) error {
	in.log.Append(in.name, value, eventTime)
	return in.h.driver.Run()
}

// Watermark hands in a watermark: no element at or before it will follow.
func (in *Input[T]) Watermark(watermark int64) error {
	in.log.Watermark(in.name, watermark)
	return in.h.driver.Run()
}

func (in *Input[T]) snapshot() { in.kept = len(in.log.Records(in.name)) }
func (in *Input[T]) restore()  { in.log.cut(in.name, in.kept) }
