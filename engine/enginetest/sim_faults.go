package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"taxistream/engine/checkpoint"
)

// fault lets one of the faults occur that come from outside the job.
func (w *world) fault(ctx context.Context) error {
	switch w.rand.IntN(17) {
	case 0:
		if w.occurs("crash") {
			w.driver.Kill()
			return w.restart(ctx)
		}
	case 1:
		w.willFail("operator fails")
	case 2:
		w.willFail("operator panics")
	case 3:
		w.willFail("read fails")
	case 4:
		w.willFail("list fails")
	case 5:
		w.willFail("sink fails")
	case 6, 7:
		w.sleep("store slow", "upload/")
	case 8:
		w.sleep("task slow", "/")
	case 9:
		w.sleep("reader slow", " reads ")
	case 10:
		if w.occurs("checkpoint times out") {
			w.tick(11 * time.Second)
		}
	case 11, 12:
		if w.occurs("checkpoint on request") && !w.driver.over {
			w.driver.sim.Checkpoint()
		}
	case 13:
		if w.rand.IntN(4) == 0 && w.occurs("stop and go on") {
			return w.stop()
		}
	case 14, 15:
		p := 1 + w.rand.IntN(4)
		if w.Parallelism <= 0 && w.rand.IntN(4) == 0 && !slices.Contains(w.Without, "rescale") && w.driver.sim.Rescale(p) == nil {
			w.occurs("rescale")
		}
	case 16:
		if !w.driver.over && w.occurs("savepoint") {
			w.driver.sim.Savepoint(checkpoint.NewMemory(1))
		}
	}
	if w.rand.IntN(3) == 0 && w.occurs("clock ticks") {
		w.tick(time.Duration(w.rand.IntN(2000)) * time.Millisecond)
	}
	return nil
}

// restart starts another process, at another parallelism.
func (w *world) restart(ctx context.Context) error {
	w.occurs("other parallelism")
	return w.begin(ctx)
}

// stop ends the job in order, if nothing goes wrong on the way, and starts another: from its store,
// or from a savepoint with an empty one.
func (w *world) stop() error {
	var to checkpoint.Place
	saved := checkpoint.NewMemory(1)
	if w.rand.IntN(2) == 0 {
		to = saved
	}
	if err := w.driver.sim.End(false, to); err != nil {
		return nil //nolint:nilerr // it has ended already; run looks at it
	}
	w.stopping = true
	if to != nil && w.to == nil {
		w.to = saved
	}
	return nil
}

// willFail has the next call of its kind fail.
func (w *world) willFail(kind string) { w.fail[kind] = true }

// fails asks whether a call is to fail.
func (w *world) fails(kind string) error {
	if w.healthy || !w.fail[kind] {
		return nil
	}
	delete(w.fail, kind)
	if !w.occurs(kind) {
		return nil
	}
	return fmt.Errorf("simulated: %s", kind)
}

// sleep keeps some actor whose name has part in it from being stepped for a while.
func (w *world) sleep(kind, part string) {
	names := w.driver.Actors()
	if len(names) == 0 {
		return
	}
	name := names[w.rand.IntN(len(names))]
	if strings.Contains(name, part) && w.occurs(kind) {
		w.sleeps[name] = 1 + w.rand.IntN(200)
		w.driver.Block(name)
	}
}

// wakeSleepers lets time pass for what sleeps, and for answers that are late.
func (w *world) wakeSleepers() {
	for name := range w.sleeps {
		if w.sleeps[name]--; w.sleeps[name] <= 0 {
			delete(w.sleeps, name)
			w.driver.Unblock(name)
		}
	}
	if len(w.late) > 0 && w.rand.IntN(20) == 0 {
		deliver := w.late[0]
		w.late = w.late[1:]
		deliver()
	}
}

// answer takes a task's answer on its way to the coordinator.
func (w *world) answer(deliver func()) {
	switch n := w.rand.IntN(200); {
	case w.healthy || n > 2:
		deliver()
	case n == 0 && w.occurs("ack lost"):
	case n > 0 && w.occurs("ack late"):
		w.late = append(w.late, deliver)
	default:
		deliver()
	}
}

// tick moves processing time on.
func (w *world) tick(by time.Duration) {
	w.clock.Advance(by)
	w.driver.wakeTicking()
}
