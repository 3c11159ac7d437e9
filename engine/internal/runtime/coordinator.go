package runtime

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"taxistream/engine/checkpoint"
)

// Limits bound checkpoints.
type Limits struct {
	Interval  time.Duration // from one checkpoint's start to the next; 0: on request only
	Timeout   time.Duration
	Tolerable int // failures in a row
	Tick      time.Duration
}

// Coordinator takes checkpoints, one at a time: it sends a barrier through every
// source subtask, gathers the tasks' answers, has them stored, and makes known that
// the checkpoint is whole.
//
// Invariants: at most one barrier is waited for (current), and ids rise; an answer to
// another one is void. whole is the id of the newest checkpoint that the store has made
// durable, and never falls. Behind a final barrier no other is sent. A request for
// the end is taken up even while a checkpoint is on its way, which is then given up.
type Coordinator struct {
	X      *Execution
	Limits Limits
	Tasks  []*Task
	// Uploads end with the final checkpoint.
	Uploads *Uploads
	// Send hands a barrier to the sources. A newer one takes the place of one not yet taken up.
	Send func(b *Barrier)
	// Passed tells that a barrier has passed the whole job.
	Passed func(id int64)
	// Moves counts what the sources did that a checkpoint keeps; nil: every interval has its checkpoint.
	Moves func() int64
	// Store keeps the checkpoints; nil: none are kept.
	Store checkpoint.Store
	// Describe makes the checkpoint's description of the answers.
	Describe func(b *Barrier, started time.Time, answers map[*Task]Answer) *checkpoint.Checkpoint
	// Ended is told how each checkpoint ended.
	Ended func(Checkpoint)
	// Begun is told of each checkpoint and savepoint when its barrier is sent, Closed when it has ended.
	Begun, Closed func(Checkpoint)

	waker Waker
	last  int64 // id given out
	next  time.Time
	whole atomic.Int64
	acked atomic.Int64 // answers to the last barrier

	saved   int64        // Moves that the newest whole checkpoint holds; -1: this attempt has none
	unsaved atomic.Int64 // since when there are others, Unix ns; 0: there are none

	current *Barrier
	saving  *Savepoint // what the current one is asked for as; nil: a checkpoint
	started time.Time
	holds   int64 // Moves before the current barrier was sent
	answers map[*Task]Answer
	passed  bool  // all have answered
	safe    bool  // Commit was called: there is nothing to abort
	err     error // of beginning in the store
	failed  int   // in a row

	mu       sync.Mutex
	mail     []Answer
	early    bool
	final    bool
	drain    bool
	portable bool         // of the final checkpoint
	sent     bool         // the final barrier: what it is like is decided
	settled  bool         // the final barrier has ended
	asking   []chan error // who asked for a checkpoint that has not begun; each is answered once
	asked    []chan error // who waits for the current one
	save     []*Savepoint // asked for, not begun
}

// NewCoordinator goes on behind id last; the checkpoint restored is the newest whole one.
func NewCoordinator(x *Execution, l Limits, last, restored int64) *Coordinator {
	c := &Coordinator{X: x, Limits: l, waker: NewWaker(), last: last, saved: -1}
	c.Begun, c.Closed = func(Checkpoint) {}, func(Checkpoint) {}
	c.whole.Store(restored)
	return c
}

// Name implements Actor.
func (c *Coordinator) Name() string { return "coordinator" }

// Waker implements Actor.
func (c *Coordinator) Waker() Waker { return c.waker }

// Blame implements Actor.
func (c *Coordinator) Blame(err error) error { return err }

// Period implements Ticking.
func (c *Coordinator) Period() time.Duration {
	p := min(c.Limits.Tick, c.Limits.Timeout)
	if c.Limits.Interval > 0 {
		p = min(p, c.Limits.Interval)
	}
	return p
}

// Whole is the id of the newest whole checkpoint.
func (c *Coordinator) Whole() int64 { return c.whole.Load() }

// Unsaved is since when there is something that no whole checkpoint holds; zero: there is nothing.
func (c *Coordinator) Unsaved() time.Time {
	if ns := c.unsaved.Load(); ns != 0 {
		return time.Unix(0, ns)
	}
	return time.Time{}
}

// Answer takes a task's answer.
func (c *Coordinator) Answer(a Answer) { c.note(func() { c.mail = append(c.mail, a) }) }

// Request asks for a checkpoint before its time.
func (c *Coordinator) Request() { c.note(func() { c.early = true }) }

// Finish asks for the end of the job; the first request counts. portable: a savepoint
// will be made of the final checkpoint. If that has begun without, it is too late, and nothing is asked for.
func (c *Coordinator) Finish(drain, portable bool) (ok bool) {
	c.note(func() {
		if ok = c.portable || !portable || !c.sent; !ok {
			return
		}
		if !c.final {
			c.final, c.drain = true, drain
		}
		c.portable = c.portable || portable
	})
	return ok
}

// Ask asks for a checkpoint and gives what tells, once, how one that begins after
// the call ended. One that is given up leaves that to the next.
func (c *Coordinator) Ask() <-chan error {
	answer := make(chan error, 1)
	c.note(func() { c.early, c.asking = true, append(c.asking, answer) })
	return answer
}

func (c *Coordinator) note(f func()) {
	c.mu.Lock()
	f()
	c.mu.Unlock()
	c.waker.Wake()
}

// Step implements Actor.
func (c *Coordinator) Step(now time.Time) (Outcome, error) {
	if c.settled {
		return Ended, nil
	}
	changed := c.changed(now)
	c.mu.Lock()
	mail, early, final, save := c.mail, c.early, c.final, len(c.save) > 0
	c.mail = nil
	c.mu.Unlock()
	for _, a := range mail {
		if a.Barrier == c.current { // an answer to one that was given up is void
			c.answers[a.Task] = a
			c.acked.Store(int64(len(c.answers)))
		}
	}
	switch {
	case c.current != nil && c.passed:
		return Did, c.store()
	case c.current != nil && len(c.answers) == len(c.Tasks):
		c.passed = true
		c.Passed(c.current.ID)
		return Did, nil
	case c.current != nil && final && !c.current.Final:
		c.giveUp()
		return Did, nil
	case c.current != nil && now.Sub(c.started) >= c.Limits.Timeout:
		return Did, c.end(0, fmt.Errorf("not whole after %v: %d of %d tasks answered", c.Limits.Timeout, len(c.answers), len(c.Tasks)))
	case c.current != nil:
		return Idle, nil
	case final:
		c.X.StopReading()
		c.begin(c.finalBarrier(), now)
		return Did, nil
	case save:
		c.beginSavepoint(now)
		return Did, nil
	case early || c.due(now) && changed:
		c.begin(&Barrier{}, now)
		return Did, nil
	}
	return Idle, nil
}

// changed tells whether there is something that no whole checkpoint holds: one that is
// due without it would be the one before again. The first of an attempt always is.
func (c *Coordinator) changed(now time.Time) bool {
	if c.Moves != nil && c.Moves() == c.saved {
		return false
	}
	c.unsaved.CompareAndSwap(0, now.UnixNano())
	return true
}

// due tells whether the interval is over, and sets the next one from the one before,
// so that checkpoints keep their pace.
func (c *Coordinator) due(now time.Time) bool {
	every := c.Limits.Interval
	if every <= 0 {
		return false
	}
	if c.next.IsZero() {
		c.next = now.Add(every)
	}
	if now.Before(c.next) {
		return false
	}
	c.next = c.next.Add(now.Sub(c.next).Truncate(every) + every)
	return true
}

// begin begins a checkpoint. A barrier passes even if its place fails: splits may wait for one.
func (c *Coordinator) begin(b *Barrier, now time.Time) {
	c.mu.Lock()
	c.early = false
	c.asked, c.asking = c.asking, nil
	c.mu.Unlock()
	if c.Store == nil {
		c.send(b, nil, now)
		return
	}
	c.send(b, c.Store, now)
}

// send sends a barrier whose checkpoint goes to a place; nil: nowhere.
func (c *Coordinator) send(b *Barrier, to checkpoint.Place, now time.Time) {
	c.last++
	b.ID = c.last
	if c.Moves != nil {
		c.holds = c.Moves()
	}
	c.current, c.started, c.passed, c.answers = b, now, false, make(map[*Task]Answer, len(c.Tasks))
	c.acked.Store(0)
	c.Begun(c.toldOf(0, nil))
	if to != nil {
		b.Writer, c.err = to.Begin(c.X.Ctx, b.ID)
	}
	c.Send(b)
}

// finalBarrier is the barrier that the job ends behind.
func (c *Coordinator) finalBarrier() *Barrier {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = true
	return &Barrier{Final: true, Finished: c.drain, Portable: c.portable}
}
