package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// Ensure that a holder of this machine that was killed is followed at once, that one that hangs is waited for, and
// that signs go with their stores.
func TestSign(t *testing.T) {
	for name, c := range map[string]struct {
		sign func(t *testing.T, s *Store) // what is left of the first store's
		wait time.Duration
	}{
		"Killed":         {func(t *testing.T, s *Store) { s.hide(); write(t, s.sign(s.lease.mine.Owner)) }, 0},
		"Hangs":          {func(*testing.T, *Store) {}, defaultLease},
		"AnotherMachine": {func(_ *testing.T, s *Store) { s.hide() }, defaultLease},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, o := newFake(), options("first")
				o.Signs = t.TempDir()
				first := mustOpen(t, &way{fake: b}, o)
				mustSave(t, first, 1)
				first.die()
				c.sign(t, first)
				began := time.Now()
				heir := mustOpen(t, &way{fake: b}, o)
				if took := time.Since(began); took != c.wait && (c.wait == 0 || took < c.wait) {
					t.Errorf("the next opener waited %v", took)
				}
				var locked *LockedError
				if _, err := open(t.Context(), &way{fake: b}, at, o); !errors.As(err, &locked) {
					t.Errorf("a third one: %v", err)
				}
				if err := heir.Close(); err != nil {
					t.Fatal(err)
				}
				first.hide()
				if left, err := filepath.Glob(filepath.Join(o.Signs, "*")); err != nil || len(left) > 0 {
					t.Errorf("left: %v, %v", left, err)
				}
			})
		})
	}
}

func write(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Ensure that a lease which names an owner of another form is not looked for in the file system.
func TestSign_Names(t *testing.T) {
	dir := t.TempDir()
	s := &Store{o: Options{Signs: filepath.Join(dir, "signs")}}
	write(t, filepath.Join(dir, "passwd"))
	for _, owner := range []string{"", "other", "../passwd", "AAAAAAAAAAAAAAAAAAAAAAAAAA/../../passwd"} {
		if file := s.sign(owner); file != "" || s.died(owner) {
			t.Errorf("%q is looked for at %q", owner, file)
		}
		s.bury(owner)
	}
}
