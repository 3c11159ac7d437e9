package store

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/s3"
)

// Ensure that a second processor learns within a third of the lease who works
// there, and that a closed store frees the place at once.
func TestLease_Locked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFake()
		s := mustOpen(t, &way{fake: b}, options("host a, process 7"))
		began := time.Now()
		var locked *LockedError
		_, err := open(t.Context(), &way{fake: b}, at, options("b"))
		if !errors.As(err, &locked) || locked.Holder != "host a, process 7" || locked.Place != "s3://bucket/jobs/taxi/" {
			t.Fatalf("second opener: %v", err)
		}
		if took := time.Since(began); took > defaultLease/3+defaultLease/15 {
			t.Errorf("the second opener waited %v", took)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		began = time.Now()
		n := mustOpen(t, &way{fake: b}, options("b"))
		if took := time.Since(began); took > 0 {
			t.Errorf("the next opener waited %v", took)
		}
		if n.lease.epoch() <= 1 {
			t.Errorf("epoch %d", n.lease.epoch())
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// Ensure that a dead holder's place is free after its lease, not before, and of
// two that wait one takes it.
func TestLease_Dead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFake()
		s := mustOpen(t, &way{fake: b}, options("dead"))
		s.die()
		began := time.Now()
		type result struct {
			s   *Store
			err error
		}
		results := make(chan result)
		for range 2 {
			go func() {
				s, err := open(t.Context(), &way{fake: b}, at, options("heir"))
				results <- result{s, err}
			}()
		}
		opened := 0
		for range 2 {
			r := <-results
			if took := time.Since(began); took < defaultLease {
				t.Errorf("a result after %v, before the end of the lease: %v", took, r.err)
			}
			var locked *LockedError
			switch {
			case r.err == nil:
				opened++
				defer r.s.Close()
			case !errors.As(r.err, &locked) || locked.Holder != "heir":
				t.Error(r.err)
			}
		}
		if opened != 1 {
			t.Errorf("%d stores are open", opened)
		}
	})
}

// Ensure that a clock that is set back while a dead holder's lease is waited for costs no more than
// another lease, and that a start whose time is over says who holds the place.
func TestLease_ClockBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFake()
		s := mustOpen(t, &way{fake: b}, options("dead"))
		s.die()
		began := time.Now()
		o := options("heir")
		o.Clock = func() time.Time {
			if time.Since(began) > time.Second {
				return time.Now().Add(-time.Hour)
			}
			return time.Now()
		}
		ctx, cancel := fault.Start(t.Context(), defaultLease/2)
		defer cancel()
		_, err := open(ctx, &way{fake: b}, at, o)
		if locked := (*LockedError)(nil); !errors.As(err, &locked) || locked.Holder != "dead" {
			t.Errorf("got %v", err)
		}
		n, err := open(t.Context(), &way{fake: b}, at, o)
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		if took := time.Since(began); took > 3*defaultLease {
			t.Errorf("it took %v", took)
		}
	})
}

// Ensure that a holder that was cut off and replaced says so, once, adds no
// checkpoint, and that what it had put counts as older than its successor's.
func TestLease_Lost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFake()
		w := &way{fake: b}
		var told atomic.Int32
		o := options("old")
		o.OnLost = func(err error) {
			var lost *LostError
			if told.Add(1); !errors.As(err, &lost) || lost.Holder != "new" {
				t.Errorf("lost: %v", err)
			}
		}
		old := mustOpen(t, w, o)
		mustSave(t, old, 1)
		mustSave(t, old, 50)
		var cut atomic.Bool
		cut.Store(true)
		w.breaks(func(string, string) (error, bool) { return away(cut.Load()), false })
		if _, err := old.save(t.Context(), 51); !errors.As(err, &errAway{}) {
			t.Errorf("cut off: %v", err)
		}
		heir := mustOpen(t, &way{fake: b}, options("new"))
		defer heir.Close()
		mustSave(t, heir, 46) // it went on from before the 50
		cut.Store(false)
		var lost *LostError
		if _, err := old.save(t.Context(), 52); !errors.As(err, &lost) {
			t.Errorf("replaced: %v", err)
		}
		time.Sleep(defaultLease)
		if told.Load() != 1 {
			t.Errorf("OnLost was called %d times", told.Load())
		}
		if id, damaged := latest(t, heir); id != 46 || damaged != nil {
			t.Errorf("the newest is %d, damage %v", id, damaged)
		}
		if err := old.Close(); err != nil {
			t.Errorf("close of a lost store: %v", err)
		}
		if _, err := heir.lease.renew(t.Context()); err != nil {
			t.Errorf("the old store's end took the lease away: %v", err)
		}
	})
}

// Ensure that a holder cut off for long goes on when nobody took its place, also
// where renewals arrived whose answers did not.
func TestLease_CutOff(t *testing.T) {
	for _, arrives := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := newFake()
			w := &way{fake: b}
			o := options("a")
			o.OnLost = func(err error) { t.Error(err) }
			s := mustOpen(t, w, o)
			var cut atomic.Bool
			w.breaks(func(op, _ string) (error, bool) { return away(cut.Load()), arrives && strings.HasPrefix(op, "put") })
			cut.Store(true)
			time.Sleep(4 * defaultLease)
			cut.Store(false)
			mustSave(t, s, 1)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Ensure that Open waits for a bucket that is away, says so once, and ends with
// its context; and that what no waiting mends is an error at once.
func TestOpen_Away(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &way{fake: newFake()}
		var said []string
		o := options("a")
		o.Notify = func(m string) { said = append(said, m) }
		back := time.Now().Add(time.Minute)
		w.breaks(func(string, string) (error, bool) { return away(time.Now().Before(back)), false })
		s := mustOpen(t, w, o)
		if len(said) != 1 || !strings.Contains(said[0], "s3://bucket/jobs/taxi/ cannot be reached; waiting") {
			t.Errorf("said %q", said)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		w.breaks(func(string, string) (error, bool) { return errAway{}, false })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := open(ctx, w, at, o); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended: %v", err)
		}
		for _, fatal := range []error{s3.ErrMissing, errors.New("denied")} {
			w.breaks(func(op, _ string) (error, bool) {
				if op == "get" {
					return s3.ErrMissing, false
				}
				return fatal, false
			})
			if _, err := open(t.Context(), w, at, o); !errors.Is(err, fatal) {
				t.Errorf("%v: %v", fatal, err)
			}
		}
	})
}

// Ensure that an object that is no lease is not taken for a free place.
func TestOpen_ForeignLease(t *testing.T) {
	for _, text := range []string{"", "{}", "hello", `{"version":2,"epoch":1,"owner":"a","lease_ms":1}`} {
		b := newFake()
		b.objects[at.Prefix+leaseName] = []byte(text)
		_, err := open(t.Context(), &way{fake: b}, at, options("a"))
		if err == nil || !strings.Contains(err.Error(), "s3://bucket/jobs/taxi/lease is no lease") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Ensure that epochs grow even where somebody removed the lease.
func TestOpen_RemovedLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFake()
		for range 3 {
			s := mustOpen(t, &way{fake: b}, options("a"))
			mustSave(t, s, 9)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		var told atomic.Int32
		o := options("b")
		o.OnLost = func(err error) {
			told.Add(1)
			if !strings.Contains(err.Error(), "was removed") {
				t.Error(err)
			}
		}
		s := mustOpen(t, &way{fake: b}, o)
		defer s.Close()
		mustSave(t, s, 10)
		if err := (&way{fake: b}).Delete(t.Context(), at, at.Prefix+leaseName); err != nil {
			t.Fatal(err)
		}
		time.Sleep(defaultLease)
		if told.Load() != 1 {
			t.Errorf("OnLost was called %d times", told.Load())
		}
		n := mustOpen(t, &way{fake: b}, options("c"))
		defer n.Close()
		if n.lease.epoch() != 5 {
			t.Errorf("epoch %d, want 5", n.lease.epoch())
		}
		mustSave(t, n, 1)
		if id, _ := latest(t, n); id != 1 {
			t.Errorf("the newest is %d", id)
		}
	})
}

// Ensure that the lease's bytes do not change unnoticed.
func TestLease_Golden(t *testing.T) {
	l := &lease{mine: held{Version: leaseVersion, Epoch: 7, Owner: "OWNER", Holder: "host a, process 7", Millis: 15000, Renewals: 3}}
	got, err := l.encode(time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC))
	want := `{
 "version": 1,
 "epoch": 7,
 "owner": "OWNER",
 "holder": "host a, process 7",
 "lease_ms": 15000,
 "renewals": 3,
 "renewed": "2026-01-02T03:04:05.006Z",
 "released": false
}
`
	if string(got) != want || err != nil {
		t.Errorf("the format has changed: raise leaseVersion and keep reading the old one\n%s %v", got, err)
	}
}

// expired is S3's answer to credentials that are past their time.
type expired struct{}

func (expired) Error() string        { return "ExpiredToken" }
func (expired) ErrorCode() string    { return "ExpiredToken" }
func (expired) ErrorMessage() string { return "The provided token has expired." }
func (expired) HTTPStatusCode() int  { return 400 }

// Ensure that credentials which stay refused end the place after a bound, and that
// a refusal which passes does not.
func TestLease_CredentialsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &way{fake: newFake()}
		o := options("a")
		lost := make(chan error, 2)
		o.OnLost = func(err error) { lost <- err }
		s := mustOpen(t, w, o)
		var refused atomic.Bool
		w.breaks(func(string, string) (error, bool) {
			if refused.Load() {
				return expired{}, false
			}
			return nil, false
		})
		for range 3 {
			refused.Store(true)
			time.Sleep(fault.Renewals / 2 * defaultLease / 3)
			refused.Store(false)
			mustSave(t, s, 1)
			time.Sleep(defaultLease)
		}
		refused.Store(true)
		time.Sleep((fault.Renewals + 2) * defaultLease / 3)
		err := <-lost
		if !strings.Contains(err.Error(), "renewed the credentials 12 times in vain") || !errors.As(err, new(expired)) {
			t.Error(err)
		}
		refused.Store(false)
		if _, saved := s.save(t.Context(), 2); !errors.Is(saved, err) {
			t.Errorf("after its end: %v", saved)
		}
		s.die()
	})
}

// Ensure that a place is taken from a living holder at once where that is wanted; the
// holder says so at its next checkpoint, adds none, and does not take the place back.
func TestLease_TakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFake()
		var told atomic.Int32
		o := options("old")
		o.OnLost = func(error) { told.Add(1) }
		old := mustOpen(t, &way{fake: b}, o)
		mustSave(t, old, 7)
		began := time.Now()
		n := options("new")
		n.TakeOver = true
		heir := mustOpen(t, &way{fake: b}, n)
		defer heir.Close()
		if took := time.Since(began); took > 0 {
			t.Errorf("it waited %v", took)
		}
		if id, _ := latest(t, heir); id != 7 {
			t.Errorf("the newest is %d", id)
		}
		var lost *LostError
		if _, err := old.save(t.Context(), 8); !errors.As(err, &lost) || !strings.Contains(lost.Error(), "taken over by new, which was told to (-takeover)") {
			t.Fatalf("replaced: %v", err)
		}
		time.Sleep(4 * defaultLease)
		if id, _ := latest(t, heir); id != 7 || told.Load() != 1 {
			t.Errorf("the newest is %d, OnLost was called %d times", id, told.Load())
		}
		mustSave(t, heir, 8)
	})
}

// Ensure that one of several that take over at the same moment ends up with the
// place, and each other one is told so; a renewal in between changes nothing.
func TestLease_TakenOverByMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFake()
		old := mustOpen(t, &way{fake: b}, options("old"))
		var told atomic.Int32
		stores := make(chan *Store)
		for range 5 {
			go func() {
				o := options("heir")
				o.TakeOver, o.OnLost = true, func(error) { told.Add(1) }
				s, err := open(t.Context(), &way{fake: b}, at, o)
				if err != nil {
					t.Error(err)
				}
				stores <- s
			}()
		}
		if _, err := old.lease.renew(t.Context()); err != nil {
			t.Log(err) // it may be lost already
		}
		var all []*Store
		for range 5 {
			all = append(all, <-stores)
		}
		time.Sleep(2 * defaultLease)
		if told.Load() != 4 {
			t.Errorf("%d of 5 were told that they lost the place", told.Load())
		}
		for _, s := range append(all, old) {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}
