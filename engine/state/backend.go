package state

import "io"

// Backend holds the keyed state of one subtask of one operator: rows of bytes, ordered by
// their keys. It is used by one goroutine, but for its snapshots.
//
// Rows that it hands out are valid until the next call, and nobody writes into them; it
// keeps no slice that it is given.
type Backend interface {
	// Get returns the value of a row; ok: it is there.
	Get(key []byte) (value []byte, ok bool, err error)
	// Put makes a row, or puts another value into it; added: it was not there.
	Put(key, value []byte) (added bool, err error)
	// Delete removes a row; deleted: it was there.
	Delete(key []byte) (deleted bool, err error)
	// Load makes many rows at a time, none of which is there, in rising order of their keys. What
	// it fails on may be there in part.
	Load(rows []Row) error
	// Scan calls f with the rows from key from, included, to key to, excluded, in the order of
	// their keys, until f returns false. f must not call the backend.
	Scan(from, to []byte, f func(key, value []byte) bool) error
	// Snapshot is the state as it is now. It costs little, whatever the size of the state.
	Snapshot() (Snapshot, error)
	// Close releases what the backend holds outside the heap. Snapshots are closed before it.
	Close() error
}

// Row is a row of a Backend.
type Row struct{ Key, Value []byte }

// Snapshot is a state as it was. It is read by one goroutine, beside the backend's.
type Snapshot interface {
	// Scan is that of Backend.
	Scan(from, to []byte, f func(key, value []byte) bool) error
	// Close lets the snapshot go; all but the first call have no effect.
	Close() error
}

// Files is a Snapshot that consists of files: a checkpoint takes them as they are, and links
// those that an earlier one holds already.
type Files interface {
	Snapshot
	// Files are all that Opener.Read needs.
	Files() ([]File, error)
}

// File is one file of a snapshot.
type File struct {
	Name string // without a folder
	// Fixed files never change: a file of one name, of one backend, has the same bytes in all
	// snapshots.
	Fixed bool
	Open  func() (io.ReadCloser, error)
}

// Opener makes backends.
type Opener interface {
	// Open makes an empty one. What an earlier process left of it is gone.
	Open(operator string, subtask int) (Backend, error)
	// Format names the files of its snapshots; "": they have none.
	Format() string
	// Read opens the files of a snapshot, of any backend of this format: fetch hands each of
	// them to put, once.
	Read(fetch func(put func(name string, r io.Reader) error) error) (Snapshot, error)
}
