package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/mutant"
	"taxistream/internal/s3"
)

// leaseVersion is that of the lease object; fields are only ever added within it.
const leaseVersion = 1

// leaseLimit bounds the lease object, in bytes.
const leaseLimit = 16 << 10

// held is the lease object. Its bytes change with every renewal, and so does its ETag.
type held struct {
	Version  int       `json:"version"`
	Epoch    int64     `json:"epoch"`  // grows with every change of hands
	Owner    string    `json:"owner"`  // one opening of one store
	Holder   string    `json:"holder"` // the same for people
	Millis   int64     `json:"lease_ms"`
	Renewals int64     `json:"renewals"`
	Renewed  time.Time `json:"renewed"` // by the holder's clock: for people, never compared
	Released bool      `json:"released"`
	TookOver bool      `json:"took_over,omitempty"` // from a holder that may live, because its user wanted so
	// Saved is the id of the newest checkpoint that was whole, as of the last renewal; 0: none is known of.
	Saved int64 `json:"saved,omitempty"`
	// None: no checkpoint was ever whole. Older programs noted neither, so a lease may say nothing.
	None bool `json:"none_saved,omitempty"`
}

func (h *held) length() time.Duration { return time.Duration(h.Millis) * time.Millisecond }

// lease is this store's place. Its methods may be called by any goroutine.
type lease struct {
	bucket   bucket
	at       s3.Location
	key      string
	clock    func() time.Time
	onLost   func(error)
	turn     turn // held through a renewal: two at once would refuse each other
	mine     held
	etag     string
	began    time.Time // of the last renewal that succeeded
	lost     error
	released bool
}

// turn is a mutex that is held while S3 is asked, so who waits for it may give up.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) wait()  { t <- struct{}{} }
func (t turn) leave() { <-t }

// read returns what the lease object says; s3.ErrMissing without one.
func (l *lease) read(ctx context.Context) (held, string, error) {
	data, etag, err := l.bucket.Get(ctx, l.at, l.key, leaseLimit)
	if err != nil {
		return held{}, "", err
	}
	var h held
	if err := json.Unmarshal(data, &h); err != nil || h.Version != leaseVersion || h.Epoch < 1 || h.Owner == "" || h.Millis < 1 {
		return held{}, "", fmt.Errorf("%s is no lease that this program can read: remove it if no processor uses %s", l.at.At(l.key), l.at)
	}
	return h, etag, nil
}

// take writes the lease anew over what was seen; an empty etag: over nothing.
// s3.ErrPrecondition: another store was faster.
func (l *lease) take(ctx context.Context, epoch int64, etag string) error {
	l.mine.Epoch, l.mine.Renewals = epoch, 0
	began := l.clock()
	data, err := l.encode(began)
	if err != nil {
		return err
	}
	if etag == "" {
		l.etag, err = l.bucket.PutIfAbsent(ctx, l.at, l.key, data)
	} else {
		l.etag, err = l.bucket.PutIfMatch(ctx, l.at, l.key, data, etag)
	}
	if err == nil {
		l.began = began
	}
	return err
}

func (l *lease) encode(now time.Time) ([]byte, error) {
	l.mine.Renewed = now.UTC()
	data, err := json.MarshalIndent(&l.mine, "", " ")
	return append(data, '\n'), err
}

// renewTries bounds the writes of one renewal: a refused one may be the answer to
// a write that arrived though its answer did not.
const renewTries = 3

// renew proves that the lease is this store's and makes it last for its whole
// length again, counted from the time that it returns. After *LostError it never succeeds.
func (l *lease) renew(ctx context.Context) (time.Time, error) {
	if err := l.turn.take(ctx); err != nil {
		return time.Time{}, fmt.Errorf("renew the lease: %w", err)
	}
	defer l.turn.leave()
	err := l.write(ctx)
	return l.began, err
}

// write renews; the caller has the turn.
func (l *lease) write(ctx context.Context) error {
	if l.lost != nil {
		return l.lost
	}
	var err error
	for range renewTries {
		began := l.clock()
		l.mine.Renewals++
		var data []byte
		if data, err = l.encode(began); err != nil {
			return err
		}
		var etag string
		etag, err = l.bucket.PutIfMatch(ctx, l.at, l.key, data, l.etag)
		switch {
		case err == nil:
			l.etag, l.began = etag, began
			return nil
		case !errors.Is(err, s3.ErrPrecondition) && !errors.Is(err, s3.ErrMissing):
			return fmt.Errorf("renew the lease: %w", err)
		}
		now, etag, readErr := l.read(ctx)
		switch {
		case errors.Is(readErr, s3.ErrMissing):
			return l.lose(held{})
		case readErr != nil:
			return fmt.Errorf("renew the lease: %w", readErr)
		case now.Owner != l.mine.Owner:
			return l.lose(now)
		}
		l.etag, l.mine.Renewals = etag, now.Renewals
	}
	return fmt.Errorf("renew the lease: %w", err)
}

func (l *lease) lose(to held) error {
	if mutant.Is(mutant.Unnoticed) {
		return nil
	}
	l.lost = &LostError{Place: l.at.String(), Holder: to.Holder, Wanted: to.TookOver}
	l.onLost(l.lost)
	return l.lost
}

// keep renews until ctx ends or the lease is lost. Other errors are tried again
// at the next turn: the lease stays this store's until another one takes it. Only
// credentials that stay refused, though renewed, end the place as a lost lease does.
func (l *lease) keep(ctx context.Context) {
	every := l.mine.length() / 3
	tick := time.NewTicker(every)
	defer tick.Stop()
	var tries fault.Tries
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		bounded, cancel := context.WithTimeout(ctx, every)
		_, err := l.renew(bounded)
		cancel()
		if lost := (*LostError)(nil); errors.As(err, &lost) {
			return
		}
		if err == nil {
			tries.Done()
		} else if _, final := tries.Failed(err); final != nil && fault.Classify(err) == fault.Renew {
			l.refused(final)
			return
		}
	}
}

func (l *lease) refused(err error) {
	l.turn.wait()
	defer l.turn.leave()
	l.lost = fmt.Errorf("checkpoints in %s: %w", l.at, err)
	l.onLost(l.lost)
}

// release frees the place for the next store at once.
func (l *lease) release(ctx context.Context) error {
	if err := l.turn.take(ctx); err != nil {
		return fmt.Errorf("release the lease: %w", err)
	}
	defer l.turn.leave()
	if l.lost != nil || l.released {
		return nil
	}
	l.mine.Released = true
	err := l.write(ctx)
	if lost := (*LostError)(nil); errors.As(err, &lost) {
		return nil // another one's already
	}
	l.released = err == nil
	return err
}

// saved notes that a checkpoint is whole; the next renewal writes it down.
func (l *lease) saved(id int64) {
	l.turn.wait()
	defer l.turn.leave()
	l.mine.Saved, l.mine.None = id, false
}

// inherit takes over what is known of the checkpoints of those before: all are still
// there, or were named by the lease before this one. Where nothing is left, nothing is missed.
func (l *lease) inherit(before held, all []*kept) {
	if len(all) == 0 {
		l.mine.Saved, l.mine.None = 0, true
		return
	}
	l.mine.Saved = before.Saved
	for _, k := range all {
		if k.whole {
			l.mine.Saved = max(l.mine.Saved, k.id)
		}
	}
	l.mine.None = before.None && l.mine.Saved == 0
}

// known reports whether this store, or those before it, had a whole checkpoint, and
// whether it is known that none of them had.
func (l *lease) known() (some, none bool) {
	l.turn.wait()
	defer l.turn.leave()
	return l.mine.Saved > 0, l.mine.None
}

// epoch is this store's, once it has the lease.
func (l *lease) epoch() int64 {
	l.turn.wait()
	defer l.turn.leave()
	return l.mine.Epoch
}
