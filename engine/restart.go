package engine

import (
	"math"
	"time"
)

// RestartStrategy decides whether a failed job begins again from its newest checkpoint,
// in the same process, and when. Its values are settings and hold no state; NoRestart is
// the default.
type RestartStrategy interface {
	// next is told all failures so far, the last one just now, oldest first, and each
	// restart's time, and gives the delay before the next attempt.
	next(failures []time.Time, attempts []time.Time) (delay time.Duration, again bool)
}

// NoRestart ends the job with its first failure.
type NoRestart struct{}

func (NoRestart) next(_, _ []time.Time) (time.Duration, bool) { return 0, false }

// FixedDelay begins again after Delay, at most Attempts times in the job's life.
type FixedDelay struct {
	Attempts int
	Delay    time.Duration
}

func (f FixedDelay) next(failures, _ []time.Time) (time.Duration, bool) {
	return f.Delay, len(failures) <= f.Attempts
}

// ExponentialDelay waits Initial, then each time Factor times as long, up to Max. After
// an attempt that ran for Reset without failing it begins with Initial again. It never
// gives up, unless Attempts, if not 0, fail without such a reset.
type ExponentialDelay struct {
	Initial, Max, Reset time.Duration
	Factor              float64 // 2 if it is less than 1
	Attempts            int
}

func (e ExponentialDelay) next(failures, attempts []time.Time) (time.Duration, bool) {
	row := 1 // failures since the last reset
	for i := len(failures) - 1; i > 0 && failures[i].Sub(attempts[i]) < e.Reset; i-- {
		row++
	}
	factor := e.Factor
	if factor < 1 {
		factor = 2
	}
	delay := float64(e.Initial) * math.Pow(factor, float64(row-1))
	return time.Duration(min(delay, float64(e.Max))), e.Attempts == 0 || row <= e.Attempts
}

// FailureRate begins again after Delay unless more than Failures fall into Interval.
type FailureRate struct {
	Failures        int
	Interval, Delay time.Duration
}

func (f FailureRate) next(failures, _ []time.Time) (time.Duration, bool) {
	now, n := failures[len(failures)-1], 0
	for _, at := range failures {
		if now.Sub(at) < f.Interval {
			n++
		}
	}
	return f.Delay, n <= f.Failures
}

// Failure is what ended one attempt.
type Failure struct {
	Time time.Time
	// Attempt is the number of the attempt that failed, from 1.
	Attempt int
	// Err is an *OperatorError for an operator's code.
	Err error
	// Repeats counts the failures before this one, in a row, that were the same: at the
	// same element (by operator, split, offset and what it prints) or, without an element,
	// with the same text.
	Repeats int
}
