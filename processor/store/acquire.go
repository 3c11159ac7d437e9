package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/s3"
)

// watch is what was last seen of another store's lease.
type watch struct {
	etag   string
	holder string
	since  time.Time
}

// silent is for how long nothing was renewed; from now on if the clock was set back.
func (w *watch) silent(now time.Time) time.Duration {
	if now.Before(w.since) {
		w.since = now
	}
	return now.Sub(w.since)
}

// acquire takes the lease, with an epoch above every one in sight. It returns
// *LockedError once the holder has shown that it lives.
func (s *Store) acquire(ctx context.Context) error {
	var w watch
	var last error
	silent := time.AfterFunc(fault.Silence, func() { s.tell("unreachable", fmt.Sprintf("checkpoints in %s: S3 does not answer; waiting", s.at)) })
	defer silent.Stop()
	for {
		taken, err := s.tryAcquire(ctx, &w)
		if err == nil {
			silent.Stop()
		}
		switch {
		case taken:
			return nil
		case s.o.TakeOver && err == nil && ctx.Err() == nil:
			continue // the holder has renewed its lease at the same moment
		case ctx.Err() != nil:
			return fault.GaveUp(ctx, cmp.Or(last, err))
		case err != nil && !s3.Transient(err):
			return err
		case err != nil:
			last = err
			s.tell("unreachable", fmt.Sprintf("checkpoints in %s cannot be reached; waiting: %v", s.at, err))
		}
		if fault.Sleep(ctx, s.o.Lease/15) != nil {
			if last == nil && w.etag != "" {
				last = &LockedError{Place: s.at.String(), Holder: w.holder}
			}
			return fault.GaveUp(ctx, last)
		}
	}
}

// tryAcquire looks at the lease once, and takes it if it is free. An error that
// is not transient is the end of the search.
func (s *Store) tryAcquire(ctx context.Context, w *watch) (taken bool, err error) {
	l := s.lease
	h, etag, err := l.read(ctx)
	switch {
	case errors.Is(err, s3.ErrMissing):
		etag = ""
	case err != nil:
		return false, err
	case h.Owner == l.mine.Owner: // taken by a write whose answer was lost
		return true, s.retake(ctx, etag)
	case h.Released:
	case s.o.TakeOver:
		l.mine.TookOver = true
		s.tell("takeover", fmt.Sprintf("taking over the checkpoints in %s from %s", s.at, h.Holder))
	case s.died(h.Owner):
		s.tell("died", fmt.Sprintf("checkpoints in %s belonged to %s, which has ended", s.at, h.Holder))
	case w.etag == "":
		*w = watch{etag, h.Holder, l.clock()}
		return false, nil
	case w.etag != etag:
		return false, &LockedError{Place: s.at.String(), Holder: h.Holder}
	case w.silent(l.clock()) < min(h.length(), maxLease):
		if w.silent(l.clock()) > h.length()/2 {
			s.tell("waiting", fmt.Sprintf("checkpoints in %s belong to %s, which seems dead; waiting for the end of its lease", s.at, h.Holder))
		}
		return false, nil
	}
	all, err := s.list(ctx)
	if err != nil {
		return false, err
	}
	l.inherit(h, all)
	err = l.take(ctx, max(h.Epoch, highest(all))+1, etag)
	if errors.Is(err, s3.ErrPrecondition) {
		return false, nil // another store was faster, or this one's own write arrived: look again
	}
	if err == nil {
		s.bury(h.Owner)
	}
	return err == nil, err
}

// retake learns the ETag of a lease that is this store's already.
func (s *Store) retake(ctx context.Context, etag string) error {
	s.lease.etag = etag
	_, err := s.lease.renew(ctx)
	return err
}
