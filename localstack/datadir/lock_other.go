//go:build !unix

package datadir

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// lock has no flock here: another process cannot remove an open lock file, which is
// how a second one finds out.
func lock(dir string) (io.Closer, error) {
	name := filepath.Join(dir, "lock")
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return nil, inUse(dir)
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	return f, nil
}
