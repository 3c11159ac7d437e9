package runtime

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Clock is processing time.
type Clock interface {
	Now() time.Time
	Ticker(d time.Duration) (ticks <-chan time.Time, stop func())
}

// Execution is one attempt to run a job: its actors, and what ends them.
//
// Invariants: an actor is in actors from Add until its step has ended; err is the first
// failure before Ctx ended, and nothing that follows from that end; Reading ends with Ctx
// or before it. Whoever ends a context wakes all actors, so that each sees it.
type Execution struct {
	Clock  Clock
	Logger *slog.Logger
	// Ctx is the attempt's; Reading that of readers and enumerators, which end first.
	Ctx, Reading context.Context //nolint:containedctx // an attempt is their life

	cancel, stopReading context.CancelFunc

	mu     sync.Mutex
	actors []Actor
	start  func(Actor) // nil: not yet running
	err    error

	closers []func() error // of what operators opened, by the goroutine that makes and closes the attempt
}

// NewExecution returns an attempt without actors, ended by ctx.
func NewExecution(ctx context.Context, clock Clock, logger *slog.Logger) *Execution {
	x := &Execution{Clock: clock, Logger: logger}
	x.Ctx, x.cancel = context.WithCancel(ctx)
	x.Reading, x.stopReading = context.WithCancel(x.Ctx)
	return x
}

// Add takes an actor in. Those that come while the attempt runs are started at once.
func (x *Execution) Add(a Actor) {
	x.mu.Lock()
	x.actors = append(x.actors, a)
	start := x.start
	x.mu.Unlock()
	if start != nil {
		start(a)
	}
}

// Start hands all actors, those to come too, to start.
func (x *Execution) Start(start func(Actor)) {
	x.mu.Lock()
	actors := append([]Actor(nil), x.actors...)
	x.start = start
	x.mu.Unlock()
	for _, a := range actors {
		start(a)
	}
}

// Step takes one step of an actor. What fails, or panics, ends the attempt.
func (x *Execution) Step(a Actor, now time.Time) (o Outcome) {
	if x.Ctx.Err() != nil {
		return x.ended(a)
	}
	err := Contain(func() (err error) {
		o, err = a.Step(now)
		return err
	})
	if err != nil {
		x.fail(a, err)
	}
	if err != nil || o == Ended {
		return x.ended(a)
	}
	return o
}

// fail ends the attempt with an error of an actor.
func (x *Execution) fail(a Actor, err error) {
	var p *Panic
	if errors.As(err, &p) {
		x.Logger.Error("panic", "where", a.Name(), "panic", p.Value, "stack", p.Stack)
	}
	x.Fail(a.Blame(err))
}

// ended takes an actor out and closes what it holds.
func (x *Execution) ended(a Actor) Outcome {
	x.mu.Lock()
	for i, other := range x.actors {
		if other == a {
			x.actors = append(x.actors[:i], x.actors[i+1:]...)
			break
		}
	}
	x.mu.Unlock()
	if c, ok := a.(Closing); ok {
		if err := Contain(c.Close); err != nil {
			x.fail(a, err)
		}
	}
	return Ended
}

// Fail ends the attempt with its first failure. What fails after the end began is a
// consequence.
func (x *Execution) Fail(err error) {
	x.mu.Lock()
	if x.err == nil && x.Ctx.Err() == nil {
		x.err = err
	}
	x.mu.Unlock()
	x.Cancel()
}

// Cancel ends the attempt at once.
func (x *Execution) Cancel() {
	x.cancel()
	x.wakeAll()
}

// StopReading ends readers and enumerators.
func (x *Execution) StopReading() {
	x.stopReading()
	x.wakeAll()
}

func (x *Execution) wakeAll() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, a := range x.actors {
		a.Waker().Wake()
	}
}

// OnClose notes something to close at the end of the attempt.
func (x *Execution) OnClose(f func() error) { x.closers = append(x.closers, f) }

// Close closes what was opened, the last first. It returns the attempt's failure, or
// else err, or else the first fault of closing. No actor may be stepped any more.
func (x *Execution) Close(err error) error {
	for i := len(x.closers) - 1; i >= 0; i-- {
		if closeErr := Contain(x.closers[i]); err == nil {
			err = closeErr
		}
	}
	x.closers = nil
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.err != nil {
		return x.err
	}
	return err
}
