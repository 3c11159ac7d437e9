package checkpoint

import (
	"errors"
	"fmt"
)

// ErrNone is returned when a store holds no whole checkpoint.
var ErrNone = errors.New("no checkpoint")

// ErrCorrupt is wrapped by what is wrong with a checkpoint that cannot be read.
var ErrCorrupt = errors.New("corrupt checkpoint")

// LockedError is returned when another process, or another store in this one,
// uses the folder.
type LockedError struct{ Dir string }

// Error implements error.
func (e *LockedError) Error() string {
	return fmt.Sprintf("checkpoint folder %s is in use by another process: stop it or name another folder", e.Dir)
}

// LostError is handed to FolderOptions.OnLost, and returned by Begin and Commit, once
// the folder is not this store's any more: another process may be at work in it, or
// nobody finds it where it was.
type LostError struct{ Dir string }

// Error implements error.
func (e *LostError) Error() string {
	return fmt.Sprintf("checkpoint folder %s was moved away, or its lock file was replaced, while this process used it: start again with the folder in its place", e.Dir)
}

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}
