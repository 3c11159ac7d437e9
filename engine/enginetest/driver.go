package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"taxistream/engine"
	"taxistream/engine/internal/runtime"
)

// Driver runs a job by calls, in the caller's goroutine: the steps are those that
// Job.Run takes, their order is chosen by pick. The same choices give the same run.
//
// An actor is stepped when it was woken, or did something in its last step, as in a
// goroutine of its own: so a wake-up that the engine forgets shows here as a job that
// stands still.
type Driver struct {
	job   *engine.Job
	sim   *engine.Simulated
	clock engine.Clock
	pick  func(n int) int

	x      *runtime.Execution
	actors []*driven
	ready  []*driven // scratch
	err    error     // the job's end, once there is no attempt
	over   bool
	fresh  bool // some reader found something since it was cleared

	blocked map[string]bool // names of actors that are not stepped
	answers func(deliver func())
	last    runtime.Outcome // of the last step
}

// driven is an actor and why it is to be stepped.
type driven struct {
	actor runtime.Actor
	name  string
	again bool // it did something in its last step
	empty bool // it found nothing outside, in this call of Run
	stale bool // what it hands over may have been read before this call
}

// Drive begins a job under a driver instead of Job.Run. clock is the job's; pick(n)
// chooses one of n actors that may have something to do; nil: in turn.
func Drive(ctx context.Context, job *engine.Job, clock engine.Clock, pick func(n int) int) (*Driver, error) {
	return drive(ctx, job, clock, pick, nil)
}

// drive is Drive with answers, if not nil, in the place of what hands tasks' answers to
// the coordinator.
func drive(ctx context.Context, job *engine.Job, clock engine.Clock, pick func(n int) int, answers func(deliver func())) (*Driver, error) {
	d := &Driver{job: job, clock: clock, pick: pick, answers: answers, blocked: make(map[string]bool)}
	if d.pick == nil {
		turn := 0
		d.pick = func(n int) int { turn++; return turn % n }
	}
	var err error
	if d.sim, err = engine.Simulate(ctx, job); err != nil {
		return nil, err
	}
	return d, d.attempt()
}

// attempt begins the next attempt.
func (d *Driver) attempt() error {
	x, err := d.sim.Attempt()
	if err != nil {
		return d.ended(err)
	}
	if d.answers != nil {
		d.sim.Answers(d.answers)
	}
	d.x, d.actors = x, nil
	x.Start(func(a runtime.Actor) { d.actors = append(d.actors, &driven{actor: a, name: a.Name()}) })
	return nil
}

// ended takes the end of an attempt: there is another, if the job's restart strategy
// says so, or the job is over.
func (d *Driver) ended(err error) error {
	if d.x != nil {
		err = d.x.Close(err)
		d.x = nil
	}
	fault := err != nil && strings.Contains(err.Error(), "engine invariant") // of the engine: no attempt mends it
	if _, again := d.sim.Next(err); again && !fault {
		return d.attempt()
	}
	d.over = true
	d.err = d.sim.Finish(err)
	return d.err
}

// Run takes steps until there is nothing to do, and returns what the job ended with, if
// it did.
func (d *Driver) Run() error {
	for _, a := range d.actors {
		a.stale = true
	}
	for d.fresh = true; d.fresh && !d.over; { // until a round of asking the outside brings nothing
		d.fresh = false
		d.Ask()
		for moved := true; moved && !d.over; {
			var err error
			if moved, err = d.Step(); err != nil {
				return err
			}
		}
	}
	return d.err
}

// Ask has every actor stepped again that found nothing outside.
func (d *Driver) Ask() {
	for _, a := range d.actors {
		a.again, a.empty = a.again || a.empty, false
	}
}

// Step takes one step of an actor that may have something to do; moved: there was one.
func (d *Driver) Step() (moved bool, err error) {
	if d.over {
		return false, d.err
	}
	if len(d.actors) == 0 {
		return true, d.ended(nil)
	}
	ready := d.ready[:0]
	for _, a := range d.actors {
		if (a.again || a.woken()) && !d.blocked[a.name] {
			ready = append(ready, a)
		}
	}
	d.ready = ready
	if len(ready) == 0 {
		return false, d.probe()
	}
	d.step(ready[d.pick(len(ready))])
	return true, nil
}

// woken tells whether there is a token, and leaves it there.
func (a *driven) woken() bool { return len(a.actor.Waker()) > 0 }

func (d *Driver) step(a *driven) runtime.Outcome {
	select {
	case <-a.actor.Waker():
	default:
	}
	outcome := d.x.Step(a.actor, d.clock.Now())
	d.last = outcome
	a.again = outcome == runtime.Did
	_, reads := a.actor.(runtime.Closing)
	d.fresh = d.fresh || reads && a.again
	switch outcome {
	case runtime.Empty:
		a.empty = true
		d.fresh, a.stale = d.fresh || a.stale, false
	case runtime.Ended:
		for i, other := range d.actors {
			if other == a {
				d.actors = append(d.actors[:i], d.actors[i+1:]...)
				break
			}
		}
	case runtime.Idle, runtime.Blocked, runtime.Did:
	}
	return outcome
}

// probe steps everything that sleeps once more: if that does anything, somebody forgot
// to wake it. While an actor is kept from being stepped, it may be its turn.
func (d *Driver) probe() error {
	if len(d.blocked) > 0 {
		return nil
	}
	for _, a := range append([]*driven(nil), d.actors...) {
		if a.empty || a.woken() {
			continue
		}
		if o := d.x.Step(a.actor, d.clock.Now()); o == runtime.Did || o == runtime.Ended {
			return fmt.Errorf("enginetest: %s slept although it had something to do", a.name)
		}
	}
	return nil
}

// Tick has everything stepped that follows processing time, and what follows from that.
func (d *Driver) Tick() error {
	d.wakeTicking()
	return d.Run()
}

func (d *Driver) wakeTicking() {
	for _, a := range d.actors {
		if _, ok := a.actor.(runtime.Ticking); ok {
			a.again = true
		}
	}
}

// Kill ends the job as kill -9 does: nothing is closed, nothing is told.
func (d *Driver) Kill() {
	if !d.over {
		d.x.Cancel()
		d.over, d.err, d.actors = true, engine.ErrCancelled, nil
	}
}

// Block keeps an actor from being stepped until Unblock: a sink that takes nothing, a
// reader that hangs. Names are those of Actors.
func (d *Driver) Block(name string) { d.blocked[name] = true }

// Unblock lets it go on.
func (d *Driver) Unblock(name string) { delete(d.blocked, name) }

// Actors names what is being stepped.
func (d *Driver) Actors() (names []string) {
	for _, a := range d.actors {
		names = append(names, a.name)
	}
	return names
}

// Checkpoint has one taken; its own failure is in the job's Status.
func (d *Driver) Checkpoint() error {
	if d.over {
		return d.err
	}
	d.sim.Checkpoint()
	return d.Run()
}

// Drain ends the job as Job.Drain does. Close follows.
func (d *Driver) Drain() error { return d.end(true) }

// Stop ends the job as Job.Stop does.
func (d *Driver) Stop() error { return d.end(false) }

func (d *Driver) end(drain bool) error {
	if err := d.sim.End(drain, nil); err != nil && !d.over {
		return err
	}
	if err := d.Run(); err != nil {
		return err
	}
	if !d.over {
		return errors.New("enginetest: the job does not come to its end: " + fmt.Sprint(d.Actors()))
	}
	return nil
}

// Close kills the job, if it has not ended, and returns what it ended with: nil after
// Drain and Stop, engine.ErrCancelled otherwise, or its failure.
func (d *Driver) Close() error {
	if d.over {
		return d.err
	}
	d.x.Cancel()
	for len(d.actors) > 0 {
		d.step(d.actors[0])
	}
	d.over = true
	err := d.x.Close(nil)
	if err == nil {
		err = engine.ErrCancelled
	}
	d.err = d.sim.Finish(err)
	return d.err
}
