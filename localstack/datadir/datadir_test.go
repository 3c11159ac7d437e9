package datadir_test

import (
	"path/filepath"
	"strings"
	"testing"

	"taxistream/localstack/datadir"
)

// Ensure a folder is one process's at a time, and the next one's after it.
func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	held, err := datadir.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := datadir.Lock(dir); err == nil || !strings.Contains(err.Error(), dir+" is in use") {
		t.Errorf("a folder in use: %v", err)
	}
	if err := held.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := datadir.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	again.Release()
}
