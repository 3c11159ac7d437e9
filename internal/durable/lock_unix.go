//go:build unix

package durable

import (
	"errors"
	"os"
	"syscall"
)

// take opens the file of a lock and locks it, until it is closed or the process dies. ErrLocked: it is held.
func take(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			f.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, ErrLocked
			}
			return nil, err
		}
		if there(f) { // whoever held it may have removed the file between the opening and the locking
			return f, nil
		}
		f.Close()
	}
}

// there tells whether the file is still the one of its name.
func there(f *os.File) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(f.Name())
	return err == nil && os.SameFile(mine, named)
}

// release removes the file while it is still locked, unless somebody else did.
func release(f *os.File) error {
	if there(f) {
		return errors.Join(os.Remove(f.Name()), f.Close())
	}
	return f.Close()
}

func abandoned(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil && there(f)
}
