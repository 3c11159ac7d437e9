package runtime

import (
	"fmt"
	"runtime/debug"
	"strconv"
	"time"
)

// Outcome is what came of a step.
type Outcome uint8

// The outcomes of a step.
const (
	// Idle: there was nothing to do, and will not be before the actor is woken or a tick is due.
	Idle Outcome = iota
	// Did: one thing was done; there may be more.
	Did
	// Blocked: there is something to do, but no room for what comes of it; the actor
	// is woken when there is.
	Blocked
	// Empty: the outside was asked and had nothing new. It is worth asking again at once.
	Empty
	// Ended: the actor will never do anything again.
	Ended
)

// String names the outcome.
func (o Outcome) String() string { return [...]string{"idle", "did", "blocked", "empty", "ended"}[o] }

// Actor is one part of a running job. Its methods but Waker are called by one
// goroutine at a time.
type Actor interface {
	// Name tells actors apart, the same in every attempt.
	Name() string
	// Waker is where others tell the actor that a step may do something again.
	Waker() Waker
	// Step does at most one thing. now is processing time.
	Step(now time.Time) (Outcome, error)
	// Blame puts the name of what failed to an error of the actor's step.
	Blame(err error) error
}

// Ticking is an Actor that wants to be stepped about every so often, woken or not.
type Ticking interface {
	Period() time.Duration
}

// Closing is an Actor that holds something until its end, whatever that is.
type Closing interface {
	Close() error
}

// Waker holds at most one token: it says that something has changed, not what or how
// often. The order is always change first, then Wake; and the actor takes the token
// before it looks. So no change is missed.
type Waker chan struct{}

// NewWaker returns a waker with its token in place: a new actor is stepped once.
func NewWaker() Waker {
	w := make(Waker, 1)
	w.Wake()
	return w
}

// Wake puts the token there, unless it is.
func (w Waker) Wake() {
	select {
	case w <- struct{}{}:
	default:
	}
}

// Panic is a panic of an actor's code.
type Panic struct {
	Value any
	Stack string
}

// Error implements error; the stack is left to logs.
func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// Contain calls f and makes its panic, if it does, an error: *Panic.
func Contain(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Panic{Value: v, Stack: string(debug.Stack())}
		}
	}()
	return f()
}

func itoa(n int) string { return strconv.Itoa(n) }
