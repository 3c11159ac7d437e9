package fault

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// StartWait is how long a service is waited for at the start of a program; while
	// it runs there is no limit.
	StartWait = 5 * time.Minute
	// Silence is how long a service may say nothing before a person is told.
	Silence = 5 * time.Second
	// Renewals is how often in a row credentials may be refused, each time renewed.
	Renewals = 12
	// minWait and maxWait bound the wait between two tries.
	minWait, maxWait = 200 * time.Millisecond, 5 * time.Second
)

// Tries counts the failures of an operation that is tried again, since its last
// success. The zero value is ready, with waits from 200 ms to 5 s.
type Tries struct {
	Max time.Duration // the longest wait; 0: 5 s

	failures, renewals int
}

// Failed notes an error and gives the wait before the next try, or the error to
// give up with: a final one, the end of the call's context, or the refusal of
// credentials that were renewed in vain.
func (t *Tries) Failed(err error) (wait time.Duration, final error) {
	switch Classify(err) {
	case Final, Stopped:
		return 0, err
	case Renew:
		if t.renewals++; t.renewals > Renewals {
			return 0, fmt.Errorf("renewed the credentials %d times in vain: %w", Renewals, err)
		}
	}
	t.failures++
	longest := t.Max
	if longest == 0 {
		longest = maxWait
	}
	return Delay(t.failures, minWait, longest), nil
}

// Count is the number of failures since the last success.
func (t *Tries) Count() int { return t.failures }

// Done notes a success.
func (t *Tries) Done() { t.failures, t.renewals = 0, 0 }

// Delay is the wait after a number of failures in a row, from 1: shortest, twice
// as long each time up to longest, half of it random so that many callers do not
// come back at once.
func Delay(failures int, shortest, longest time.Duration) time.Duration {
	d := longest
	if failures < 20 {
		d = min(longest, shortest<<max(failures-1, 0))
	}
	return d/2 + rand.N(d/2+1)
}

// Sleep waits; the end of ctx ends it early, with its error.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errStartWait is the cause of the end of a start's context.
type errStartWait time.Duration

func (e errStartWait) Error() string { return fmt.Sprintf("no success for %v", time.Duration(e)) }

// Start bounds the wait for a service at the start of a program: the context ends
// after limit (0: StartWait), and [GaveUp] then says so.
func Start(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit == 0 {
		limit = StartWait
	}
	return context.WithTimeoutCause(ctx, limit, errStartWait(limit))
}

// GaveUp is the error to return when ctx, which has ended, stopped a wait whose
// last failure was last: with that failure where ctx was a start's.
func GaveUp(ctx context.Context, last error) error {
	cause := context.Cause(ctx)
	if limit, ok := cause.(errStartWait); ok && last != nil { //nolint:errorlint // a cause is not wrapped
		return fmt.Errorf("%w; gave up after %v", last, time.Duration(limit))
	}
	return ctx.Err()
}
