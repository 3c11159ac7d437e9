package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"taxistream/internal/durable"
)

// Ensure a file is made and replaced, over what a kill left, and that nothing else stays.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path+".new", []byte("half of a longer text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"first", "2"} {
		if err := durable.Replace(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Errorf("left are %v, %v", all, err)
	}
	if err := durable.Replace(filepath.Join(dir, "no", "file"), nil); !os.IsNotExist(err) {
		t.Errorf("no folder: %v", err)
	}
}

// Ensure a lock is held once, is free again when it is released or its process was killed, and leaves
// no file.
func TestTakeLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(path, []byte("left by a killed process"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !durable.Abandoned(path) || durable.Abandoned(path+"-of-nobody") {
		t.Error("it does not tell whose process was killed")
	}
	for range 2 {
		l, err := durable.TakeLock(path)
		if err != nil {
			t.Fatal(err)
		}
		if durable.Abandoned(path) {
			t.Error("a lock that is held counts as abandoned")
		}
		if _, err := durable.TakeLock(path); !errors.Is(err, durable.ErrLocked) {
			t.Errorf("a second one: %v", err)
		}
		if err := l.Release(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("the file is left: %v", err)
		}
	}
	if _, err := durable.TakeLock(filepath.Join(path, "no", "lock")); err == nil || errors.Is(err, durable.ErrLocked) {
		t.Errorf("no folder: %v", err)
	}
}

// Ensure that of many who take a lock and release it at any moment, only one holds it.
func TestTakeLock_Many(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var held atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for taken := 0; taken < 100; {
				l, err := durable.TakeLock(path)
				if errors.Is(err, durable.ErrLocked) {
					runtime.Gosched()
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if n := held.Add(1); n != 1 {
					t.Errorf("%d hold it", n)
				}
				held.Add(-1)
				if err := l.Release(); err != nil {
					t.Error(err)
				}
				taken++
			}
		})
	}
	all.Wait()
}
