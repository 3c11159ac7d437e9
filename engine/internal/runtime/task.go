package runtime

import "time"

// Input is where a task's work comes from: the typed reading end of an exchange, or a
// source's reads.
type Input interface {
	// Next handles one thing that is there; Idle: there is none; Ended: nothing will follow.
	Next(now time.Time) (Outcome, error)
	// Tick handles a tick of processing time.
	Tick(now time.Time) error
}

// Chain is the first operator of a task.
type Chain interface {
	Signal(s Signal) error
}

// Outlet is the sending end of an exchange in one task. It takes everything that one
// step sends, and keeps what finds no room.
type Outlet interface {
	// Drain sends on what waits, in order, and reports whether all of it went.
	Drain() bool
}

// Task is one subtask of a chain of operators. One step handles one message.
//
// Invariants: while messages wait in an outlet, full is set and nothing else is done: so
// what waits is at most what one step sent. While an operator has more to emit (later),
// no input is taken, so a signal stays behind what it caused. A commit is made known
// before any input that came after it, so a barrier never passes the commit of the
// checkpoint before it.
type Task struct {
	// Label is the name of the first operator, Subtask the index.
	Label   string
	Subtask int
	Input   Input
	Chain   Chain
	// Whole is the id of the newest whole checkpoint.
	Whole func() int64
	// Passed takes what the task keeps at a barrier that has passed it.
	Passed func(b *Barrier, t *Task, parts []Part)
	// Blamed puts the name of the operator at work to an error.
	Blamed func(error) error
	// TickEvery is the period of ticks.
	TickEvery time.Duration

	// Times are what its time goes to.
	Times Times

	waker   Waker
	outlets []Outlet
	full    bool
	later   func() (done bool, err error)

	now       time.Time // of the step
	fullSince time.Time
	blocked   time.Duration
	nextTick  time.Time
	barrier   *Barrier  // the last one that passed
	kept      []Part    // at the barrier that passes now
	first     time.Time // the barrier that is being aligned came; zero: none is
	cut       CutTimes  // of the last barrier
	committed int64     // the newest checkpoint the chain was told of
	ended     bool      // the input has; the final checkpoint is awaited
}

// NewTask returns a task that began with checkpoint restored, 0: none.
func NewTask(label string, subtask int, restored int64) *Task {
	return &Task{Label: label, Subtask: subtask, waker: NewWaker(), committed: restored}
}

// Name implements Actor.
func (t *Task) Name() string { return t.Label + "/" + itoa(t.Subtask) }

// Waker implements Actor.
func (t *Task) Waker() Waker { return t.waker }

// Period implements Ticking.
func (t *Task) Period() time.Duration { return t.TickEvery }

// Blame implements Actor.
func (t *Task) Blame(err error) error { return t.Blamed(err) }

// SetWaker makes w, which others know already, the task's; before the task runs.
func (t *Task) SetWaker(w Waker) { t.waker = w }

// AddOutlet notes an outlet of the chain.
func (t *Task) AddOutlet(o Outlet) { t.outlets = append(t.outlets, o) }

// Now is processing time, as of the step that is being taken.
func (t *Task) Now() time.Time { return t.now }

// Full tells that an outlet found no room.
func (t *Task) Full() {
	if !t.full {
		t.fullSince = t.now
	}
	t.full = true
}

// Blocked is how long the task has had no room for what it sent, in all.
func (t *Task) Blocked() time.Duration { return t.blocked }

// Later has f called in steps of its own until it is done, before any other input.
func (t *Task) Later(f func() (done bool, err error)) {
	Invariant(t.later == nil, "two operators of %s have more to emit", t.Name())
	t.later = f
}

// Step implements Actor.
func (t *Task) Step(now time.Time) (Outcome, error) {
	t.now = now
	t.Times.begin(now)
	o, err := t.step(now)
	t.Times.ended(o)
	return o, err
}

func (t *Task) step(now time.Time) (Outcome, error) {
	if t.full && !t.drain() {
		return Blocked, nil
	}
	if t.later != nil {
		done, err := t.later()
		if done {
			t.later = nil
		}
		return Did, err
	}
	if id := t.Whole(); id > t.committed {
		t.committed = id
		return Did, t.Chain.Signal(Signal{Kind: Committed, At: id})
	}
	if t.ended {
		if t.committed >= t.barrier.ID {
			return Ended, nil
		}
		return Blocked, nil
	}
	if t.tickDue(now) {
		return Did, t.Input.Tick(now)
	}
	o, err := t.Input.Next(now)
	switch {
	case err != nil:
	case o == Ended:
		t.ended = true
		return Did, nil
	case o == Idle:
		err = t.Chain.Signal(Signal{Kind: Flush})
		if t.full {
			o = Blocked
		}
	}
	return o, err
}

func (t *Task) drain() bool {
	all := true
	for _, o := range t.outlets {
		all = o.Drain() && all
	}
	if all {
		t.full = false
		t.blocked += t.now.Sub(t.fullSince)
	}
	return all
}

func (t *Task) tickDue(now time.Time) bool {
	if t.nextTick.IsZero() {
		t.nextTick = now.Add(t.TickEvery)
	}
	if now.Before(t.nextTick) {
		return false
	}
	t.nextTick = t.nextTick.Add(now.Sub(t.nextTick).Truncate(t.TickEvery) + t.TickEvery)
	return true
}

// Cut takes the chain's states at a barrier, sends the barrier on behind them and
// answers.
func (t *Task) Cut(b *Barrier) error {
	Invariant(t.barrier == nil || b.ID > t.barrier.ID, "barrier %d comes late to %s", b.ID, t.Name())
	t.barrier = b
	t.AlignFrom()
	t.cut = CutTimes{First: t.first, Aligned: t.now}
	t.first = time.Time{}
	if err := t.Chain.Signal(Signal{Kind: Cut, Barrier: b}); err != nil {
		return err
	}
	t.Passed(b, t, t.kept)
	t.kept = nil
	return nil
}

// AlignFrom notes that a barrier has come by its first channel, unless one has.
func (t *Task) AlignFrom() {
	if t.first.IsZero() {
		t.first = t.now
	}
}

// CutTimes are those of the last barrier, as far as they are known.
func (t *Task) CutTimes() CutTimes { return t.cut }

// Keep adds an operator's state to the barrier that passes now.
func (t *Task) Keep(p Part) { t.kept = append(t.kept, p) }
