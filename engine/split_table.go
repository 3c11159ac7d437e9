package engine

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"

	"taxistream/engine/internal/runtime"
	"taxistream/engine/watermark"
)

// splitTable shares the splits of one source between its subtasks' tasks, which write
// the progress and the ends, the coordinator, which tells of barriers, and its
// enumerator, which does the rest.
//
// Invariants: all is read and written under mu, and check holds whenever it is free; the
// enumerator is woken after each end and each settling; a split in ends has ended and its
// children are not yet known.
type splitTable struct {
	wake  runtime.Waker // the enumerator's
	moves atomic.Int64  // changes that a checkpoint keeps

	mu   sync.Mutex
	all  splits
	ends []splitEnd // not yet seen by the enumerator
}

// splitEnd is a split's end as its reader told it.
type splitEnd struct {
	split    *split
	children []Split
}

func newSplitTable(parallelism int) *splitTable {
	return &splitTable{wake: runtime.NewWaker(), all: splits{parallelism: parallelism, byID: make(map[string]*split)}}
}

// change runs f under the lock.
func (t *splitTable) change(f func(all *splits)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.all)
	if runtime.Checked {
		err := t.all.check()
		invariant(err == nil, "%v", err)
	}
}

// progress is what one read brought.
type progress struct {
	offset                           []byte // shared, never changed
	watermark, elements, regressions int64
	atTip                            bool
	lag                              time.Duration
}

// progress notes what a read brought, after its elements went on.
func (t *splitTable) progress(id string, p progress) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.all.byID[id]
	invariant(e.phase == reading, "split %s is read and is %s", id, e.phase.state())
	invariant(p.watermark >= e.Watermark, "the watermark of split %s goes back", id)
	if p.elements > 0 || p.watermark > e.Watermark || !bytes.Equal(p.offset, e.Offset) {
		t.moves.Add(1)
	}
	e.Offset, e.Watermark, e.taken = p.offset, p.watermark, true
	e.elements += p.elements
	e.regressions += p.regressions
	e.atTip, e.lag = p.atTip, p.lag
}

// raise notes a watermark that came without a read.
func (t *splitTable) raise(id string, watermark int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all.byID[id].Watermark = watermark
	t.moves.Add(1)
}

// end notes that a split has ended.
func (t *splitTable) end(id string, children []Split) {
	t.moves.Add(1)
	t.change(func(all *splits) {
		all.end(id, children)
		t.ends = append(t.ends, splitEnd{split: all.byID[id], children: children})
	})
	t.wake.Wake()
}

// takeEnd hands the next end to the enumerator.
func (t *splitTable) takeEnd() (end splitEnd, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ends) == 0 {
		return end, false
	}
	end, t.ends = t.ends[0], t.ends[1:]
	return end, true
}

// leave lets a split go at a barrier that its subtask cuts; ok: it is to move.
func (t *splitTable) leave(id string, barrierID int64) (ok bool) {
	t.change(func(all *splits) { ok = all.leave(id, barrierID) })
	return ok
}

// closed notes that a split's reader has ended.
func (t *splitTable) closed(id string) {
	arrived := false
	t.change(func(all *splits) { arrived = all.closed(id) })
	if arrived {
		t.wake.Wake()
	}
}

// passed notes that a barrier has passed the whole job: so has everything before
// the ends that it holds.
func (t *splitTable) passed(barrierID int64) {
	any := false
	t.change(func(all *splits) { any = all.passed(barrierID) })
	if any {
		t.wake.Wake()
	}
}

// status appends the state of all splits.
func (t *splitTable) status(dst []SplitStatus, source string, idle, paused func(id string) bool) []SplitStatus {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range sortedKeys(t.all.byID) {
		e := t.all.byID[id]
		dst = append(dst, SplitStatus{
			Source: source, ID: id, Subtask: e.subtask, State: e.shown(), Offset: append([]byte(nil), e.Offset...),
			Watermark: e.Watermark, Lag: e.lag, AtTip: e.atTip, Idle: idle(id), Paused: e.phase == reading && paused(id), Elements: e.elements, Regressions: e.regressions, Moved: e.moved,
		})
	}
	return dst
}

// shown is the phase as Status tells it: an end counts once the children are known, so that whoever
// looks for what is left to read misses none.
func (p *split) shown() SplitState {
	if p.phase.over() && !p.known {
		return SplitReading
	}
	return p.phase.state()
}

// snapshot encodes the splits of one subtask at a barrier.
func (t *splitTable) snapshot(subtask int, barrierID, emitted int64, clock *watermark.Combiner) (list [][]byte, err error) {
	t.change(func(all *splits) { list, err = all.snapshot(subtask, barrierID, emitted, clock.Idle) })
	return list, err
}
