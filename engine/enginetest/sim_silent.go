package enginetest

import (
	"errors"
	"time"
)

// In some programs the second of two sources says nothing for a long time, and perhaps at all. What
// unites the two must not wait for it, and must hear it when it returns: its first watermark then is
// horizon, which the first source never reaches, so nothing of either is late by that.

// horizon is where a source that was silent returns, ms: beyond every watermark of the other.
const horizon = 10_000

// silentTimeout is how long it is at its tips before it is idle.
const silentTimeout = 3 * time.Second

// silentTicks are the seconds that pass at most until nothing waits for it any more.
const silentTicks = 60

// hush decides how long the second source is silent.
func (w *world) hush() {
	if w.program.silent && w.rand.IntN(3) > 0 {
		w.returns = 1 + w.rand.IntN(w.left)
	}
	w.silent = w.program.silent
}

// unhush has the second source return, once what it is united with has gone on without it.
func (w *world) unhush() error {
	for range silentTicks {
		if err := w.calm(); err != nil || w.driver.over {
			return err
		}
		if w.goesOn() {
			break
		}
		w.tick(time.Second)
		w.driver.Ask()
	}
	if !w.goesOn() {
		return errors.New("the union waits for a source that is idle as a whole")
	}
	w.faults["source silent"]++
	w.silent = false
	if w.left <= 1 || !w.occurs("source returns") {
		return nil
	}
	for _, split := range w.logs[1].Open() {
		w.now[split] = horizon
		w.logs[1].Watermark(split, horizon)
	}
	return nil
}

// calm has the job take all steps that it can, without faults.
func (w *world) calm() error {
	healthy := w.healthy
	w.healthy = true
	defer func() { w.healthy = healthy }()
	for moved := true; moved && !w.driver.over; {
		for len(w.sleeps) > 0 || len(w.late) > 0 {
			w.wakeSleepers()
		}
		var err error
		if moved, err = w.driver.Step(); err != nil && !w.driver.over {
			return err
		}
	}
	return nil
}

// goesOn tells whether the union's clock is that of the first source alone.
func (w *world) goesOn() bool {
	clocks := map[string]int64{}
	for _, o := range w.driver.job.Status().Operators {
		for n, s := range o.Subtasks {
			if n == 0 || s.Watermark < clocks[o.Name] {
				clocks[o.Name] = s.Watermark
			}
		}
	}
	return clocks["sources"] == clocks["source a"]
}
