//go:build !unix

package checkpoint

import (
	"fmt"
	"os"
	"path/filepath"
)

// lock has no flock here: an open lock file cannot be removed by another process,
// which is how a second opener finds out.
func lock(dir string) (*os.File, error) {
	name := filepath.Join(dir, lockName)
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return nil, &LockedError{Dir: dir}
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock checkpoint folder: %w", err)
	}
	return f, nil
}
