package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"taxistream/engine/checkpoint"
)

// Ensure that what is read is what was saved, by this store and by the next one,
// and that no more is kept than asked.
func TestStore_RoundTripAndRetention(t *testing.T) {
	b := newFake()
	s := mustOpen(t, &way{fake: b}, options("first"))
	if id, damaged := latest(t, s); id != 0 || damaged != nil {
		t.Fatalf("an empty prefix holds checkpoint %d, damage %v", id, damaged)
	}
	for id := range int64(7) {
		mustSave(t, s, id+1)
	}
	for _, name := range []string{"first", "second"} {
		got, damaged, err := s.Latest(t.Context())
		if err != nil || len(damaged) != 0 || !same(got) {
			t.Errorf("latest = %+v, %v, %v", got, damaged, err)
		}
		all, err := s.list(t.Context())
		if err != nil || len(all) != 3 || all[0].id != 5 || len(b.objects) != 10 {
			t.Errorf("%s: %d checkpoints of %d objects are kept, %v", name, len(all), len(b.objects), err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = mustOpen(t, &way{fake: b}, options("second"))
	}
	mustSave(t, s, 8)
	if all, _ := s.list(t.Context()); len(all) != 3 || all[0].id != 6 {
		t.Errorf("the next store kept %+v", all)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Ensure that any flipped byte, missing or cut object is found, and the checkpoint
// before it is used.
func TestStore_Damage(t *testing.T) {
	b := newFake()
	s := mustOpen(t, &way{fake: b}, options("a"))
	s.die() // no renewal disturbs what follows
	mustSave(t, s, 1)
	mustSave(t, s, 2)
	folder := at.Prefix + place{1, 2}.folder()
	files := 0
	for key, whole := range b.objects {
		if !strings.HasPrefix(key, folder) {
			continue
		}
		files++
		damages := map[string][]byte{"missing": nil, "empty": {}, "cut": whole[:len(whole)-1], "longer": append(slices.Clone(whole), 'x')}
		for i := 0; i < len(whole); i += 3 {
			changed := slices.Clone(whole)
			changed[i] ^= 0x20
			damages[fmt.Sprint("flipped at ", i)] = changed
		}
		for what, data := range damages {
			// A manifest that is not there makes no checkpoint at all.
			want := 1
			if what == "missing" && strings.HasSuffix(key, checkpoint.ManifestName) {
				want = 0
			}
			if b.objects[key] = data; data == nil {
				delete(b.objects, key)
			}
			id, damaged := latest(t, s)
			if id != 1 || len(damaged) != want || want == 1 && (damaged[0].ID != 2 || !errors.Is(damaged[0].Err, checkpoint.ErrCorrupt)) {
				t.Fatalf("%s %s: checkpoint %d, damage %v", key, what, id, damaged)
			}
			if want == 1 && strings.Contains(damaged[0].Err.Error(), "\n") {
				t.Errorf("more than one line: %q", damaged[0].Err)
			}
		}
		b.objects[key] = whole
	}
	if id, damaged := latest(t, s); files != 3 || id != 2 || damaged != nil {
		t.Errorf("mended: %d files, checkpoint %d, damage %v", files, id, damaged)
	}
}

// Ensure that a bucket that cannot be read now is read again until it answers, or until the
// caller gives up: to fall back to an older checkpoint would be to forget.
func TestStore_LatestAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &way{fake: newFake()}
		s := mustOpen(t, w, options("a"))
		defer s.Close()
		mustSave(t, s, 1)
		mustSave(t, s, 2)
		for left := range 4 {
			for _, forever := range []bool{false, true} {
				calls := left
				w.breaks(func(string, string) (error, bool) {
					calls--
					return away(calls < 0 && (forever || calls > -3)), false
				})
				ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second) // less than the lease's next renewals
				c, damaged, err := s.Latest(ctx)
				cancel()
				switch {
				case damaged != nil:
					t.Errorf("away after %d calls: damage %v", left, damaged)
				case forever && !errors.Is(err, context.DeadlineExceeded):
					t.Errorf("away for ever after %d calls: %v, %v", left, c, err)
				case !forever && (err != nil || c.ID != 2):
					t.Errorf("away for a while after %d calls: %v, %v", left, c, err)
				}
			}
		}
		w.breaks(nil)
	})
}

// Ensure that a bucket that is away for a while right after the lease was taken is waited for.
func TestStore_OpenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &way{fake: newFake()}
		calls := 0
		w.breaks(func(op, _ string) (error, bool) {
			if op == "list" {
				calls++
			}
			return away(op == "list" && calls > 1 && calls < 5), false // the first is the lease's
		})
		s := mustOpen(t, w, options("a"))
		w.breaks(nil)
		if err := s.Close(); err != nil || calls < 5 {
			t.Errorf("%d listings, %v", calls, err)
		}
	})
}

// faults are the ways in which the n-th call of a process goes wrong.
var faults = map[string]func(n int) func(string, string) (error, bool){
	"one call fails": func(n int) func(string, string) (error, bool) {
		return func(string, string) (error, bool) { n--; return away(n == -1), false }
	},
	"one answer is lost": func(n int) func(string, string) (error, bool) {
		return func(string, string) (error, bool) { n--; return away(n == -1), true }
	},
	"killed before a call": func(n int) func(string, string) (error, bool) {
		return func(string, string) (error, bool) { n--; return away(n < 0), false }
	},
	"killed after a call": func(n int) func(string, string) (error, bool) {
		return func(string, string) (error, bool) { n--; return away(n < 0), n == -1 }
	},
}

func away(yes bool) error {
	if yes {
		return errAway{}
	}
	return nil
}

// Ensure that a crash or a failure at any call of a checkpoint leaves the one
// before or the new one, whole, and that the next opening sweeps up.
func TestStore_FaultAtEveryCall(t *testing.T) {
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			for calls, done := 0, false; !done; calls++ {
				synctest.Test(t, func(t *testing.T) { done = faultAt(t, calls, fault) })
				if calls > 100 {
					t.Fatal("a checkpoint takes more than 100 calls")
				}
			}
		})
	}
}

// faultAt reports whether the fault came too late to be seen.
func faultAt(t *testing.T, calls int, fault func(int) func(string, string) (error, bool)) (done bool) {
	b := newFake()
	w := &way{fake: b}
	s := mustOpen(t, w, options("first"))
	for id := range int64(3) {
		mustSave(t, s, id+1)
	}
	seen, inject := 0, fault(calls)
	w.breaks(func(op, key string) (error, bool) { seen++; return inject(op, key) })
	_, saveErr := s.save(t.Context(), 4)
	s.die()

	n := mustOpen(t, &way{fake: b}, options("second")) // waits for the end of the lease
	defer n.Close()
	c, damaged, err := n.Latest(t.Context())
	if err != nil || len(damaged) != 0 || !same(c) {
		t.Fatalf("after %d calls: %+v, %v, %v", calls, c, damaged, err)
	}
	if saveErr == nil && c.ID != 4 || c.ID < 3 {
		t.Fatalf("after %d calls: Save says %v and %d is the newest", calls, saveErr, c.ID)
	}
	for _, k := range group(below(b)) {
		if !k.whole {
			t.Errorf("after %d calls %s is left half-written: %v", calls, k.folder(), k.files)
		}
	}
	return seen <= calls
}

// below are the names below the prefix.
func below(b *fake) (names []string) {
	for key := range b.objects {
		names = append(names, strings.TrimPrefix(key, at.Prefix))
	}
	return names
}

// Ensure that checkpoints whose manifests are gone are told, again and again until a new one is
// whole, and are not taken for what a crash in the first checkpoint leaves.
func TestStore_ManifestsGone(t *testing.T) {
	b := newFake()
	s := mustOpen(t, &way{fake: b}, options("first"))
	mustSave(t, s, 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	delete(b.objects, at.Prefix+place{1, 1}.folder()+checkpoint.ManifestName)
	for range 2 {
		s = mustOpen(t, &way{fake: b}, options("next"))
		if id, damaged := latest(t, s); id != 0 || len(damaged) != 1 || damaged[0].ID != 1 || !errors.Is(damaged[0].Err, checkpoint.ErrCorrupt) {
			t.Errorf("checkpoint %d, damage %v", id, damaged)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s = mustOpen(t, &way{fake: b}, options("anew"))
	mustSave(t, s, 2)
	if id, damaged := latest(t, s); id != 2 || damaged != nil {
		t.Errorf("checkpoint %d, damage %v", id, damaged)
	}
	if all := group(below(b)); len(all) != 1 {
		t.Errorf("%d checkpoints are there, want the new one alone", len(all))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for key := range b.objects { // as who wants to begin anew does it
		if strings.Contains(key, wholePrefix) {
			delete(b.objects, key)
		}
	}
	s = mustOpen(t, &way{fake: b}, options("emptied"))
	if id, damaged := latest(t, s); id != 0 || damaged != nil {
		t.Errorf("emptied: checkpoint %d, damage %v", id, damaged)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Ensure that what a crash in the first checkpoint leaves keeps nobody from starting.
func TestStore_CrashInFirstCheckpoint(t *testing.T) {
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			for calls, done := 0, false; !done; calls++ {
				synctest.Test(t, func(t *testing.T) {
					b := newFake()
					w := &way{fake: b}
					s := mustOpen(t, w, options("first"))
					seen, inject := 0, fault(calls)
					w.breaks(func(op, key string) (error, bool) { seen++; return inject(op, key) })
					_, err := s.save(t.Context(), 1)
					s.die()
					n := mustOpen(t, &way{fake: b}, options("second"))
					defer n.Close()
					if id, damaged := latest(t, n); damaged != nil || err == nil && id != 1 {
						t.Fatalf("after %d calls: Save says %v, checkpoint %d, damage %v", calls, err, id, damaged)
					}
					done = seen <= calls
				})
			}
		})
	}
}

// Ensure that checkpoints of which none was ever whole keep nobody from starting, however many failed,
// and that a manifest which is gone later is still told.
func TestStore_NoneEverWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFake()
		w := &way{fake: b}
		s := mustOpen(t, w, options("first"))
		w.breaks(func(op, key string) (error, bool) {
			return away(op == "put" && strings.HasSuffix(key, checkpoint.ManifestName)), false
		})
		for id := range int64(3) {
			if _, err := s.save(t.Context(), id+1); err == nil {
				t.Fatal("a checkpoint without its manifest was saved")
			}
		}
		s.die()
		for _, holder := range []string{"second", "third"} {
			n := mustOpen(t, &way{fake: b}, options(holder))
			if id, damaged := latest(t, n); id != 0 || damaged != nil {
				t.Errorf("%s: checkpoint %d, damage %v", holder, id, damaged)
			}
			n.die()
		}
		n := mustOpen(t, &way{fake: b}, options("fourth"))
		mustSave(t, n, 4)
		n.die() // before the lease is renewed
		n = mustOpen(t, &way{fake: b}, options("fifth"))
		n.die()
		delete(b.objects, at.Prefix+place{4, 4}.folder()+checkpoint.ManifestName)
		n = mustOpen(t, &way{fake: b}, options("sixth"))
		if id, damaged := latest(t, n); id != 0 || len(damaged) != 1 {
			t.Errorf("checkpoint %d, damage %v", id, damaged)
		}
		n.die()
	})
}
