package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Place is where a sink's files lie. Names are paths with slashes, as in package io/fs.
// It is safe for many goroutines.
//
// What a call did that returned an error, or never returned because the process died, may
// have happened or not: all but Create may be called again.
type Place interface {
	// Create begins a file that is not there yet.
	Create(ctx context.Context, name string) (File, error)
	// Publish gives a finished file its visible name, all at once and for good. fresh: it
	// did; else it was done before. ErrMissing: the file is under neither name;
	// *DamagedError: it has not the length that it was finished with.
	Publish(ctx context.Context, p Pending) (fresh bool, err error)
	// List names the files directly below a folder; none if there is no folder.
	List(ctx context.Context, folder string) ([]string, error)
	// Remove removes a file; one that is not there is no error.
	Remove(ctx context.Context, name string) error
	// String names the place, the same after a restart: checkpoints remember it.
	String() string
}

// File is one that is being written, by one goroutine.
type File interface {
	io.Writer
	// Finish makes what was written safe, and ends the writing.
	Finish(ctx context.Context) error
	// Abort gives the file up and removes it, as far as that goes.
	Abort()
}

// Pending is a file that is finished and waits for its checkpoint.
type Pending struct {
	Hidden  string `json:"hidden"`
	Visible string `json:"visible"`
	Bytes   int64  `json:"bytes"`
}

// ErrMissing is returned by Place.Publish when a file is under neither of its names: somebody
// removed it, or took it away after it had become visible.
var ErrMissing = errors.New("the file is neither pending nor visible")

// DamagedError is returned by Place.Publish for a file whose length is not the one that it was
// finished with. Where it cannot be mended, start from an older checkpoint.
type DamagedError struct {
	Name       string
	Have, Want int64 // bytes
}

// Error implements error.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("pending file %s has %d bytes, its checkpoint says %d", e.Name, e.Have, e.Want)
}

// pendingFolder holds what is not visible yet, in a folder for each owner.
const pendingFolder = ".pending"

// hidden tells whether a path is not for readers: a part of it begins with a dot or an
// underscore.
func hidden(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part != "." && (strings.HasPrefix(part, ".") || strings.HasPrefix(part, "_")) {
			return true
		}
	}
	return false
}

// checkBucket refuses what is no folder for readers.
func checkBucket(bucket string) error {
	if bucket != "" && (!fs.ValidPath(bucket) || hidden(bucket)) {
		return fmt.Errorf("the bucket %q is no path of folders whose names begin with neither a dot nor an underscore", bucket)
	}
	return nil
}
