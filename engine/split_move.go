package engine

import (
	"slices"

	"taxistream/engine/internal/runtime"
)

// move is a split's way to another subtask. It is read on until a barrier is cut in the
// subtask that it leaves (leave): what its reader brings behind that is dropped, and its reader
// ends. Once the barrier has passed the whole job and the reader is closed, it is read where it
// belongs now, from its place at the barrier (arrive): nothing of it is on its way any more, to
// be overtaken. Until then it stays in its old subtask's checkpoints, and holds the clock.
type move struct {
	to     int
	leftIn int64 // the barrier; 0: not yet
	passed bool  // the barrier has
}

// loads are the numbers of splits that the subtasks read, when those on their way have arrived.
func (t *splits) loads() []int {
	load := make([]int, t.parallelism)
	for _, e := range t.byID {
		switch {
		case e.move != nil:
			load[e.move.to]++
		case e.phase == reading:
			load[e.subtask]++
		}
	}
	return load
}

// balance has splits move until no subtask reads two more than another; any: some are to move.
func (t *splits) balance() (any bool) {
	load := t.loads()
	for {
		most, least := slices.Index(load, slices.Max(load)), slices.Index(load, slices.Min(load))
		if load[most]-load[least] < 2 {
			return any
		}
		e := t.movable(most)
		if e == nil {
			return any
		}
		e.move, any = &move{to: least}, true
		load[most]--
		load[least]++
	}
}

// movable is a split that a subtask reads and keeps; nil: there is none.
func (t *splits) movable(subtask int) *split {
	for _, id := range sortedKeys(t.byID) {
		if e := t.byID[id]; e.phase == reading && e.taken && e.move == nil && e.subtask == subtask {
			return e
		}
	}
	return nil
}

// leave lets a split go at a barrier that its subtask cuts; ok: it is to move.
func (t *splits) leave(id string, barrierID int64) (ok bool) {
	e := t.byID[id]
	if e.phase != reading || e.move == nil {
		return false
	}
	e.phase, e.move.leftIn = moving, barrierID
	return true
}

// arrive has a split read by its new subtask, if nothing holds it back any more.
func (t *splits) arrive(e *split) (ok bool) {
	early := runtime.Is(runtime.EarlyMove)
	if e.phase != moving || !e.closed || !e.move.passed && !early {
		return false
	}
	e.phase, e.subtask, e.move, e.opened, e.taken, e.closed = reading, e.move.to, nil, false, false, false
	e.moved++
	return true
}

// closed notes that a split's reader has ended. It may have come to the split's end, of which
// its subtask has not heard, and leaves it.
func (t *splits) closed(id string) (arrived bool) {
	e := t.byID[id]
	if e == nil {
		return false // forgotten
	}
	e.closed = true
	return t.arrive(e)
}

// held are the splits that wait for the barrier at which they left to pass.
func (t *splits) held() (any bool) {
	for _, e := range t.byID {
		any = any || e.phase == moving && !e.move.passed
	}
	return any
}
