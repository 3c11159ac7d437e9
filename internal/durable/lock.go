package durable

import (
	"errors"
	"os"
)

// ErrLocked is the error of a lock that somebody holds.
var ErrLocked = errors.New("it is in use")

// Lock is held by at most one process at a time, and dies with it, however that ends.
type Lock struct{ file *os.File }

// TakeLock takes the lock of a name, at which there is a file while it is held; ErrLocked if
// it is, also by this process. What a killed process left there is in nobody's way.
func TakeLock(path string) (*Lock, error) {
	f, err := take(path)
	if err != nil {
		return nil, err
	}
	return &Lock{f}, nil
}

// Release gives the lock up and removes its file. It is called once.
func (l *Lock) Release() error { return release(l.file) }

// Abandoned reports whether the lock of a name was taken by a process that has ended without giving it up: its
// file is there, and nobody holds it. Where the system cannot tell, it is false.
func Abandoned(path string) bool { return abandoned(path) }
