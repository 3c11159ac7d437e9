package engine

import (
	"context"
	"errors"
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

// keptFailures bounds Snapshot.Failures.
const keptFailures = 32

// restarts is what a job's attempts came to. It belongs to the goroutine of Run.
type restarts struct {
	failures []time.Time // the newest at the end; begun alike
	begun    []time.Time
}

// keptTimes bounds restarts: what a strategy can know of.
const keptTimes = 1024

// failed notes how an attempt ended and decides whether there is another.
func (j *Job) failed(ctx context.Context, err error) (delay time.Duration, again bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err == nil || ctx.Err() != nil {
		return 0, false
	}
	now := j.config.Clock.Now()
	repeats := j.tell.failed(now, j.attempts, err)
	if hopeless(err) {
		return 0, false
	}
	r := &j.restarts
	r.failures = lastOf(append(r.failures, now), keptTimes)
	delay, again = j.config.Restart.next(r.failures, r.begun)
	if !again {
		return 0, false
	}
	j.state = JobRestarting
	if j.attempt != nil {
		j.attempt.err = err
		close(j.attempt.over)
		j.attempt = nil
	}
	j.config.Logger.Warn("restarting", "attempt", j.attempts+1, "in", delay, "repeats", repeats, "error", err)
	return delay, true
}

// hopeless: would another attempt fail in the same way for sure?
func hopeless(err error) bool {
	var fingerprint *FingerprintError
	var incompatible *IncompatibleError
	return errors.Is(err, ErrFinished) || errors.As(err, &fingerprint) || errors.As(err, &incompatible)
}

func lastOf[T any](s []T, n int) []T {
	if len(s) > n {
		return s[len(s)-n:]
	}
	return s
}

// failed keeps a failure and counts those like it just before.
func (t *teller) failed(at time.Time, attempt int, err error) (repeats int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.failures); n > 0 && alike(t.failures[n-1].Err, err) {
		repeats = t.failures[n-1].Repeats + 1
	}
	f := Failure{Time: at, Attempt: attempt, Err: err, Repeats: repeats}
	t.failures = lastOf(append(t.failures, f), keptFailures)
	return repeats
}

// alike tells whether two failures are one that repeats itself.
func alike(a, b error) bool {
	var x, y *OperatorError
	if errors.As(a, &x) && errors.As(b, &y) && (x.Element != "" || y.Element != "") {
		return x.Operator == y.Operator && x.Split == y.Split && string(x.Offset) == string(y.Offset) && x.Element == y.Element
	}
	return a.Error() == b.Error()
}

// status fills in what all attempts came to.
func (t *teller) status(s *Snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Checkpoints = t.checkpoints
	s.Failures = append([]Failure(nil), t.failures...)
}

// wait lets d of the job's clock pass.
func (c *Config) wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	ticks, stop := c.Clock.Ticker(d)
	defer stop()
	select {
	case <-ticks:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
