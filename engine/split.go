package engine

import (
	"fmt"
	"slices"
	"time"

	"taxistream/engine/internal/runtime"
)

// The life of a split, as its source sees it. Nothing else changes a split's phase.
//
//	from      by                                       to         where
//	───────   ──────────────────────────────────────   ────────   ─────────
//	unknown   listed, or named as a child              waiting    add
//	unknown   restored                                 as it was  restore
//	waiting   every parent has let it go (see free)    reading    ready
//	reading   a barrier, if it is to move              moving     leave
//	moving    the barrier has passed, reader closed    reading    arrive
//	reading   its reader came to its end               ended      end
//	ended     a barrier behind the end has passed all  settled    passed
//	ended,    its children are known and have begun,   forgotten  forget
//	settled   and the source lists it no more
//
// A parent lets a child go once it has ended and its children are known, and, if
// another subtask read it, once it has settled: then none of its elements is still on
// its way, to be overtaken by the child's.
//
// Invariants (check): a reading split has let no known parent behind; a waiting one was
// never read; only one that is read is to move, to another subtask, and a moving one has left
// at a barrier; only an ended one has an end in a checkpoint (endedIn), and a settled one
// was restored as ended or has; every split is placed.
type split struct {
	Split
	subtask  int // that reads it, and whose checkpoints hold it
	phase    phase
	opened   bool          // reading: a reader was started in this attempt
	taken    bool          // reading: its subtask has had something of that reader
	closed   bool          // reading, moving: that reader has ended
	move     *move         // reading, moving: where to; nil: it stays
	moved    int64         // how often it was
	named    []childRecord // by its reader, for a checkpoint before its children are known
	children []string      // once known
	known    bool          // the children are
	endedIn  int64         // the first barrier behind the end; 0: none yet
	restored bool

	idle                  bool // restored as idle
	atTip                 bool
	lag                   time.Duration
	elements, regressions int64
}

type phase uint8

const (
	waiting phase = iota
	reading
	moving
	ended
	settled
)

// over: the split has ended.
func (p phase) over() bool { return p >= ended }

// state is the phase as the outside sees it.
func (p phase) state() SplitState {
	return [...]SplitState{SplitWaiting, SplitReading, SplitReading, SplitEnded, SplitEnded}[p]
}

// unplaced is the subtask of a split that has none yet.
const unplaced = -1

// splits are the splits of one source: pure, without lock, clock or goroutine.
type splits struct {
	parallelism int
	byID        map[string]*split
}

// restore takes a split over from a checkpoint.
func (t *splits) restore(s *split) {
	s.subtask, s.restored = t.least(), true
	t.byID[s.ID] = s
}

// add enters the splits that are not known yet, as waiting. A child goes to the subtask
// of its first parent, so that the order of each key is kept without waiting.
func (t *splits) add(list []Split, initial bool) (added []*split) {
	for _, s := range list {
		if t.byID[s.ID] != nil {
			continue
		}
		e := &split{
			Split:   Split{ID: s.ID, Parents: slices.Clone(s.Parents), Watermark: NoWatermark, Initial: initial},
			subtask: unplaced,
		}
		added = append(added, e)
		t.byID[s.ID] = e
	}
	for _, e := range added {
		t.place(e)
	}
	return added
}

func (t *splits) place(e *split) {
	if e.subtask != unplaced {
		return
	}
	e.subtask = t.least()
	for _, p := range t.parents(e) {
		if p != e {
			t.place(p)
			e.subtask = p.subtask
			return
		}
	}
}

// least is the subtask with the fewest splits that have not ended.
func (t *splits) least() int {
	load := make([]int, t.parallelism)
	for _, e := range t.byID {
		if !e.phase.over() && e.subtask != unplaced {
			load[e.subtask]++
		}
	}
	return slices.Index(load, slices.Min(load))
}

// parents are those that are known. One that is not is gone since before this job.
func (t *splits) parents(e *split) (known []*split) {
	for _, id := range e.Parents {
		if p := t.byID[id]; p != nil {
			known = append(known, p)
		}
	}
	return known
}

// childrenOf are the known splits that name id as a parent.
func (t *splits) childrenOf(id string) (children []string) {
	for _, child := range sortedKeys(t.byID) {
		if slices.Contains(t.byID[child].Parents, id) {
			children = append(children, child)
		}
	}
	return children
}

// free tells whether a parent lets a child go; barrier: only a barrier is missing.
func (p *split) free(child *split) (free, barrier bool) {
	if !p.phase.over() || !p.known {
		return false, false
	}
	free = p.phase == settled || p.subtask == child.subtask
	return free, !free
}

// ready begins the splits that can begin, and gives those that need a reader. barrier:
// some wait for nothing else than one.
func (t *splits) ready() (begun, open []*split, barrier bool) {
	for _, id := range sortedKeys(t.byID) {
		e := t.byID[id]
		if e.phase == waiting {
			all, missing := true, false
			for _, p := range t.parents(e) {
				free, one := p.free(e)
				if runtime.Is(runtime.EarlyChild) {
					free, one = free || one, false
				}
				all, missing = all && free, missing || one
				if !free && !one {
					missing = false
					break
				}
			}
			barrier = barrier || missing
			if !all {
				continue
			}
			e.Watermark, _ = t.inherited(e)
			e.phase = reading
			begun = append(begun, e)
		}
		if e.phase == reading && !e.opened {
			e.opened = true
			open = append(open, e)
		}
	}
	return begun, open, barrier
}

// inherited is the lowest last watermark of the parents that have ended. held: all
// known parents are still being read.
func (t *splits) inherited(e *split) (watermark int64, held bool) {
	known := t.parents(e)
	watermark, held = MaxWatermark, len(known) > 0
	for _, p := range known {
		if p.phase.over() {
			held = false
			watermark = min(watermark, p.Watermark)
		}
	}
	if watermark == MaxWatermark && !slices.ContainsFunc(known, func(p *split) bool { return p.phase.over() }) {
		watermark = NoWatermark
	}
	return watermark, held
}

// end notes that a split has been read to its end.
func (t *splits) end(id string, named []Split) {
	e := t.byID[id]
	e.phase, e.move = ended, nil
	for _, child := range named {
		e.named = append(e.named, childRecord{ID: child.ID, Parents: child.Parents})
	}
}

// resolve notes that the children of an ended split are known.
func (t *splits) resolve(e *split) {
	e.children, e.known = t.childrenOf(e.ID), true
}

// passed notes that a barrier has passed the whole job, and tells whether an end settled or a
// split arrived.
func (t *splits) passed(barrierID int64) (any bool) {
	for _, e := range t.byID {
		if e.phase == ended && e.endedIn != 0 && e.endedIn <= barrierID {
			e.phase, any = settled, true
		}
		if e.phase == moving && e.move.leftIn <= barrierID {
			e.move.passed = true
			any = t.arrive(e) || any
		}
	}
	return any
}

// forget drops ended splits that the source lists no more and whose children have begun.
func (t *splits) forget(listed []Split) {
	for id, e := range t.byID {
		if !e.phase.over() || !e.known || slices.ContainsFunc(listed, func(s Split) bool { return s.ID == id }) {
			continue
		}
		if !slices.ContainsFunc(e.children, func(child string) bool { c := t.byID[child]; return c != nil && c.phase == waiting }) {
			delete(t.byID, id)
		}
	}
}

// over tells whether every split has ended and all children are known.
func (t *splits) over() bool {
	for _, e := range t.byID {
		if !e.phase.over() || !e.known {
			return false
		}
	}
	return true
}

// check gives the first invariant that does not hold.
func (t *splits) check() error {
	for id, e := range t.byID {
		switch {
		case e.subtask < 0 || e.subtask >= t.parallelism:
			return fmt.Errorf("split %s is read by subtask %d of %d", id, e.subtask, t.parallelism)
		case e.phase == waiting && (e.opened || e.Offset != nil || e.elements > 0):
			return fmt.Errorf("split %s waits, and was read", id)
		case !e.phase.over() && (e.endedIn != 0 || e.known):
			return fmt.Errorf("split %s has not ended, and its end is known", id)
		case e.move != nil && (e.move.to < 0 || e.move.to >= t.parallelism || e.move.to == e.subtask || e.phase != reading && e.phase != moving):
			return fmt.Errorf("split %s, which is %s in subtask %d, is to move to %d", id, e.phase.state(), e.subtask, e.move.to)
		case e.phase == moving && (e.move == nil || e.move.leftIn == 0):
			return fmt.Errorf("split %s has left its subtask at no barrier", id)
		case e.phase == settled && !e.restored && e.endedIn == 0:
			return fmt.Errorf("split %s is settled without a barrier", id)
		case e.phase != reading:
			continue
		}
		for _, p := range t.parents(e) {
			if free, _ := p.free(e); !free && !e.restored {
				return fmt.Errorf("split %s is read before its parent %s, which is %s, lets it go", id, p.ID, p.phase.state())
			}
		}
	}
	return nil
}

type childRecord struct {
	ID      string   `json:"id"`
	Parents []string `json:"parents"`
}
