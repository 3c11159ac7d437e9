package runtime

import (
	"context"
	"sync"
	"time"
)

// Run gives each actor a goroutine and returns when all have ended. Close follows.
func (x *Execution) Run() {
	var all sync.WaitGroup
	stop := context.AfterFunc(x.Ctx, x.wakeAll)
	defer stop()
	x.Start(func(a Actor) { all.Go(func() { x.loop(a) }) })
	all.Wait()
	x.Cancel()
}

// loop steps one actor until it has ended, and sleeps while there is nothing to do.
func (x *Execution) loop(a Actor) {
	outcome := x.Step(a, x.Clock.Now())
	var ticks <-chan time.Time
	if t, ok := a.(Ticking); ok { // behind the first step, so that no tick comes before the actor thinks it due
		var stop func()
		ticks, stop = x.Clock.Ticker(t.Period())
		defer stop()
	}
	for {
		switch outcome {
		case Did, Empty:
		case Ended:
			return
		case Idle, Blocked:
			select {
			case <-a.Waker():
			case <-ticks:
			}
		}
		outcome = x.Step(a, x.Clock.Now())
	}
}
