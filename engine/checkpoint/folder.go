package checkpoint

import (
	"context"
	"errors"
)

// FolderOptions are the limits of a folder store.
type FolderOptions struct {
	// Retained is the number of whole checkpoints kept; 3.
	Retained int
}

// Folder is a store in a folder of the local file system, locked while open.
type Folder struct{}

// OpenFolder opens or makes dir. *LockedError if it is in use.
func OpenFolder(dir string, o FolderOptions) (*Folder, error) { return nil, errors.ErrUnsupported }

// Save implements Store.
func (f *Folder) Save(ctx context.Context, c *Checkpoint) (int64, error) { return 0, errors.ErrUnsupported }

// Latest implements Store.
func (f *Folder) Latest(ctx context.Context) (*Checkpoint, []Damage, error) { return nil, nil, ErrNone }

// Close implements Store.
func (f *Folder) Close() error { return nil }
