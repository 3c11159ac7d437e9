package backfill

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"taxistream/internal/durable"
)

// disk is all that is done to files, so that a test can have a process die at each call.
type disk interface {
	// Open opens a file to read and write, and makes it where there is none.
	Open(name string) (file, error)
	// Replace writes a file as a whole, durably.
	Replace(name string, data []byte) error
	// Rename gives a file another name in its place, durably.
	Rename(from, to string) error
	// MakeFolder makes a folder, if it is not there.
	MakeFolder(name string) error
	// SyncFolder makes the names in a folder durable.
	SyncFolder(name string) error
	// Remove removes a file, or a folder that is empty.
	Remove(name string) error
}

type file interface {
	io.ReadWriteSeeker
	Truncate(size int64) error
	Sync() error
	Close() error
}

type realDisk struct{}

// Open implements disk.
func (realDisk) Open(name string) (file, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Replace implements disk.
func (realDisk) Replace(name string, data []byte) error { return durable.Replace(name, data) }

// Rename implements disk.
func (realDisk) Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return durable.SyncFolder(filepath.Dir(to))
}

// MakeFolder implements disk.
func (realDisk) MakeFolder(name string) error {
	if err := os.Mkdir(name, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// SyncFolder implements disk.
func (realDisk) SyncFolder(name string) error { return durable.SyncFolder(name) }

// Remove implements disk.
func (realDisk) Remove(name string) error { return os.Remove(name) }
