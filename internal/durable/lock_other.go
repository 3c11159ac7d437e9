//go:build !unix

package durable

import (
	"errors"
	"os"
)

// take makes the file of a lock. There is no flock here: another process cannot remove an
// open file, which is how it finds out.
func take(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, ErrLocked
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if os.IsExist(err) {
		return nil, ErrLocked
	}
	return f, err
}

// release closes the file before it removes it: an open one cannot be.
func release(f *os.File) error {
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Remove(f.Name()); err != nil && !errors.Is(err, os.ErrPermission) { // another one has it already
		return err
	}
	return nil
}

// abandoned would have to remove the file to find out.
func abandoned(string) bool { return false }
