package store

import "fmt"

// LockedError is returned by Open when another processor works on the prefix.
type LockedError struct {
	Place  string // s3://bucket/prefix
	Holder string
}

// Error implements error.
func (e *LockedError) Error() string {
	return fmt.Sprintf("checkpoints in %s are in use by %s: stop it or name another prefix", e.Place, e.Holder)
}

// LostError is returned by Save, and handed to Options.OnLost, once another
// processor has the lease, or somebody removed it: this one must stop.
type LostError struct {
	Place  string
	Holder string // empty: nobody
}

// Error implements error.
func (e *LostError) Error() string {
	if e.Holder == "" {
		return fmt.Sprintf("the lease of checkpoints in %s was removed: start again", e.Place)
	}
	return fmt.Sprintf("checkpoints in %s were taken over by %s while this process did not renew its lease: stop one of the two", e.Place, e.Holder)
}
