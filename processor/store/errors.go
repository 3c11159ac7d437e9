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
	Wanted bool   // Holder was told to take over
}

// Error implements error.
func (e *LostError) Error() string {
	switch {
	case e.Holder == "":
		return fmt.Sprintf("the lease of checkpoints in %s was removed: start again", e.Place)
	case e.Wanted:
		return fmt.Sprintf("checkpoints in %s were taken over by %s, which was told to (-takeover): it goes on with the job, and this process writes nothing more", e.Place, e.Holder)
	}
	return fmt.Sprintf("checkpoints in %s were taken over by %s while this process did not renew its lease: stop one of the two", e.Place, e.Holder)
}
