// Package durable puts files on the disk so that no end of the process, nor of the
// machine, leaves half of one, and locks names for as long as a process lives.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace writes a file as a whole: under the name with ".new" behind it first, then
// renamed. After any kill the old or the new one is there; when it returns nil the new
// one is on the disk. One caller at a time for a path.
func Replace(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

// SyncFolder makes the names in a folder durable.
func SyncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
