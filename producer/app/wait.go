package app

import (
	"context"
	"io"
	"time"
)

// wait takes one message, or wakes when something is due by the clock. It does
// not block while there are trips to feed.
func (l *loop) wait(ctx context.Context, now time.Time) error {
	timer := l.timer.C
	busy := l.feedable(now) > 0
	if !busy {
		l.timer.Reset(max(l.wake(now).Sub(now), 0))
	}
	batches := l.batches
	if len(l.current.trips) > 0 || l.exhausted {
		batches = nil
	}
	stop := l.stop
	if l.exhausted && l.cut {
		stop = nil
	}
	if busy {
		select {
		case a := <-l.answers:
			return l.answered(a)
		case m := <-l.maps:
			return l.mapped(m)
		case <-stop:
			l.stopped()
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		return nil
	}
	select {
	case b := <-batches:
		return l.took(b)
	case a := <-l.answers:
		return l.answered(a)
	case m := <-l.maps:
		return l.mapped(m)
	case <-stop:
		l.stopped()
	case <-timer:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// wake is when the loop has to look again if no message comes.
func (l *loop) wake(now time.Time) time.Time {
	at := l.nextPublish
	earlier := func(t time.Time, ok bool) {
		if ok && t.Before(at) {
			at = t
		}
	}
	earlier(l.due.Wake(), true)
	earlier(l.refresh.wake(l.stale()))
	earlier(l.writer.Wake())
	earlier(l.sender.Wake())
	if len(l.current.trips) > 0 && l.writer.Room() > 0 {
		wait := l.pace.Wait(now, l.current.trips[0].EventTime()+l.current.shift)
		earlier(now.Add(max(wait, paceTick)), true)
	}
	return at
}

func (l *loop) took(b batch) error {
	if l.current.buf != nil {
		l.empty <- l.current.buf
	}
	l.current = b
	if l.tooFar(b) {
		l.exhausted, l.cut = true, b.cut
		l.current.trips = nil
		return nil
	}
	l.passes = b.passes
	l.notes.passes(b)
	if b.end {
		l.exhausted, l.cut = true, b.cut
		if b.err != io.EOF {
			return b.err
		}
	}
	return nil
}

func (l *loop) answered(a answer) error {
	now := l.now()
	if a.req == nil {
		return l.sender.Done(now, a.results, a.err)
	}
	return l.writer.Done(now, a.req, a.results, a.err)
}

// stopped drops what is not handed over: the end is not that of the data.
func (l *loop) stopped() {
	l.exhausted, l.cut, l.told = true, true, true
	l.current.trips = nil
	l.unread()
}
