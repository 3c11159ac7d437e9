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

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}
