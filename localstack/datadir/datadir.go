// Package datadir is a folder that one process at a time keeps its data in.
package datadir

import (
	"fmt"
	"io"
	"os"
)

// Lock makes the folder, if there is none, and takes its lock, which Close gives
// back and which dies with the process, however it ends. A folder that another
// process has locked is an error that says so.
func Lock(dir string) (io.Closer, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	return lock(dir)
}

func inUse(dir string) error {
	return fmt.Errorf("data folder %s is in use by another process: stop it, or take another folder", dir)
}
