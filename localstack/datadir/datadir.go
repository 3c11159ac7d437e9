// Package datadir is a folder that one process at a time keeps its data in.
package datadir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"taxistream/internal/durable"
)

// Lock makes the folder, if there is none, and takes its lock, which dies with the process, however
// it ends. A folder that another process has locked is an error that says so.
func Lock(dir string) (*durable.Lock, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := durable.TakeLock(filepath.Join(dir, "lock"))
	switch {
	case errors.Is(err, durable.ErrLocked):
		return nil, fmt.Errorf("data folder %s is in use by another process: stop it, or take another folder", dir)
	case err != nil:
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	return lock, nil
}
