package engine

import (
	"sync"
	"time"
)

// splitEntry is what the job knows of one split. Its subtask's task writes the
// progress, the enumerator the rest, both under the table's lock.
type splitEntry struct {
	Split
	subtask  int
	state    SplitState
	children []string      // of an ended split, once resolved
	resolved bool          // the children of an ended split are known
	named    []childRecord // by its reader, for a checkpoint before that

	endedIn int64 // the first barrier behind the end; 0: none yet
	settled bool  // everything before the end has passed the whole job
	opened  bool  // a reader was started in this run

	idle        bool // restored as idle
	atTip       bool
	lag         time.Duration
	elements    int64
	regressions int64
}

// unplaced is the subtask of a split that has none yet.
const unplaced = -1

// splitTable holds the splits of one source. A split belongs to one subtask, whose
// checkpoints hold it. Ended splits stay until the source lists them no more, so
// that a restart does not read them again.
type splitTable struct {
	mu      sync.Mutex
	entries map[string]*splitEntry
	ended   []endedSplit  // not yet seen by the enumerator
	wake    chan struct{} // one token: there are some, or some are settled
}

// endedSplit is a split's end as its reader told it.
type endedSplit struct {
	entry    *splitEntry
	children []Split
}

func newSplitTable() *splitTable {
	return &splitTable{entries: make(map[string]*splitEntry), wake: make(chan struct{}, 1)}
}

// progress notes what a read brought, after its elements went on.
func (t *splitTable) progress(e *splitEntry, offset []byte, watermark, elements, regressions int64, atTip bool, lag time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if offset != nil {
		e.Offset = append(e.Offset[:0], offset...)
	}
	assertf(watermark >= e.Watermark, "the watermark of split %s goes back", e.ID)
	e.Watermark = watermark
	e.elements += elements
	e.regressions += regressions
	e.atTip, e.lag = atTip, lag
}

// end notes that a split has ended.
func (t *splitTable) end(e *splitEntry, children []Split) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e.state = SplitEnded
	for _, child := range children {
		e.named = append(e.named, childRecord{ID: child.ID, Parents: child.Parents})
	}
	t.ended = append(t.ended, endedSplit{entry: e, children: children})
	token(t.wake)
}

// takeEnded hands the new ends to the enumerator.
func (t *splitTable) takeEnded() []endedSplit {
	t.mu.Lock()
	defer t.mu.Unlock()
	ended := t.ended
	t.ended = nil
	return ended
}

// settle notes that a barrier has passed the whole job: so has everything before
// the ends that it holds.
func (t *splitTable) settle(barrierID int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.entries {
		if e.endedIn != 0 && e.endedIn <= barrierID && !e.settled {
			e.settled = true
			token(t.wake)
		}
	}
}

// least is the subtask with the fewest splits that have not ended.
func (t *splitTable) least(parallelism int) int {
	load := make([]int, parallelism)
	for _, e := range t.entries {
		if e.state != SplitEnded && e.subtask != unplaced {
			load[e.subtask]++
		}
	}
	best := 0
	for i, n := range load {
		if n < load[best] {
			best = i
		}
	}
	return best
}

// status appends the state of all splits.
func (t *splitTable) status(dst []SplitStatus, source string, idle func(id string) bool) []SplitStatus {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range sortedKeys(t.entries) {
		e := t.entries[id]
		dst = append(dst, SplitStatus{
			Source: source, ID: id, Subtask: e.subtask, State: e.state, Offset: append([]byte(nil), e.Offset...),
			Watermark: e.Watermark, Lag: e.lag, AtTip: e.atTip, Idle: idle(id), Elements: e.elements, Regressions: e.regressions,
		})
	}
	return dst
}
