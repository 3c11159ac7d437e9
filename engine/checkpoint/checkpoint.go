// Package checkpoint keeps the states of a job so that another process can go on
// from them.
//
// A checkpoint is whole or it is not there: its files are written under another
// name, synced, and renamed into place, the manifest names each file's length and
// checksum, and a checkpoint that does not check is reported and never used.
// Stores know bytes, not operators; what they return is the caller's.
package checkpoint

import (
	"context"
	"time"
)

// FormatVersion is written into every manifest and state file.
const FormatVersion = 1

// Checkpoint is the state of a job at one barrier.
type Checkpoint struct {
	ID          int64
	Job         string
	Time        time.Time // when it was triggered
	Finished    bool      // the last one of a drained job: there is nothing to go on from
	Fingerprint map[string]string
	// MaxParallelism is the number of key groups that keyed state is cut by.
	MaxParallelism int
	Parallelism    int
	Operators      map[string]OperatorState // by the operator's name
}

// OperatorState is the state of all subtasks of one operator.
type OperatorState struct {
	// Groups holds keyed state by key group, at most one entry a group.
	Groups map[int][]byte
	// List holds entries that belong to no key, in the order of subtasks.
	List [][]byte
}

// Store keeps checkpoints. Save and Latest are not called at the same time.
type Store interface {
	// Save makes c durable and returns its size in bytes. When it returns an error, those
	// before are untouched, and c is whole or not there.
	Save(ctx context.Context, c *Checkpoint) (bytes int64, err error)
	// Latest returns the newest whole checkpoint, or ErrNone, and the newer ones that
	// were passed over because they could not be read.
	Latest(ctx context.Context) (*Checkpoint, []Damage, error)
	// Close releases the store and its lock.
	Close() error
}

// Damage names a checkpoint that is there but cannot be used.
type Damage struct {
	ID  int64
	Err error
}
