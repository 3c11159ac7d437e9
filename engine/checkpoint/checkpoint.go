// Package checkpoint keeps the states of a job so that another process can go on
// from them.
//
// A checkpoint is a set of files and a manifest that names each of them with length
// and checksum. It is whole or it is not there: the manifest comes last, and a
// checkpoint that does not check is reported and never used. A file is a stream of
// named, versioned states (Entry), written and read piece by piece, so that it may be
// larger than memory; one that an earlier checkpoint holds already can be linked
// instead of written. Stores know bytes, not operators.
package checkpoint

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Checkpoint is the state of a job at one barrier: what its manifest says. One that a
// store returned can be read with States.
type Checkpoint struct {
	ID          int64
	Job         string
	Time        time.Time // when it was triggered
	Finished    bool      // the last one of a drained job: there is nothing to go on from
	Fingerprint map[string]string
	// MaxParallelism is the number of key groups that keyed state is cut by.
	MaxParallelism int
	Parallelism    int
	Operators      map[string]Operator // by the operator's name

	open func(File) (io.ReadCloser, error)
}

// Operator is what a checkpoint holds of one operator.
type Operator struct {
	// Watermark is the operator's at the barrier; nil: it keeps none.
	Watermark *int64
	// Files hold its states, one of each subtask that had any.
	Files []File
}

// Place takes checkpoints: a store, or where one savepoint goes.
type Place interface {
	// Begin opens a checkpoint to be written. Its id is higher than that of any
	// before it in this place.
	Begin(ctx context.Context, id int64) (Writer, error)
}

// Store keeps checkpoints. Begin and Latest are not called at the same time.
type Store interface {
	Place
	// Latest returns the newest whole checkpoint, every byte of it checked, or ErrNone,
	// and the newer ones that were passed over because they could not be read. An error
	// that may pass is returned as it is: to fall back then would be to forget.
	Latest(ctx context.Context) (*Checkpoint, []Damage, error)
	// Close releases the store and its lock.
	Close() error
}

// Writer writes one checkpoint. Put and Link are safe for many goroutines; Commit or
// Abort comes last, while Abort may also come between.
type Writer interface {
	// Put makes a file of what r gives, to its end, and returns it with name, length and checksum.
	Put(ctx context.Context, name string, r io.Reader) (File, error)
	// Link makes a file of an earlier whole checkpoint, which this store wrote and still
	// keeps, a file of this one too, without writing it again.
	Link(ctx context.Context, id int64, f File) (File, error)
	// Commit makes everything durable, the manifest last. When it returns an error, the
	// checkpoint is whole or not there, and those before it are untouched.
	Commit(ctx context.Context, c *Checkpoint) (bytes int64, err error)
	// Abort gives the checkpoint up.
	Abort()
}

// Damage names a checkpoint that is there but cannot be used.
type Damage struct {
	ID  int64
	Err error
}

// States calls f with the entries of one operator in the order of its files, those
// of which want is false left out; nil: all. Those of a set are not read: see Sets. What is
// wrong with them wraps ErrCorrupt.
func (c *Checkpoint) States(operator string, want func(File) bool, f func(Entry) error) error {
	for _, file := range c.Operators[operator].Files {
		if file.Set != "" || want != nil && !want(file) {
			continue
		}
		if err := c.readFile(file, func(r io.Reader) error { return readStates(r, file.Bytes, f) }); err != nil {
			return fmt.Errorf("state of %q in %s: %w", operator, file.Name, err)
		}
	}
	return nil
}

// readFile checks a file's length and checksum around f, which reads it.
func (c *Checkpoint) readFile(file File, f func(io.Reader) error) error {
	r, err := c.open(file)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	defer r.Close()
	m := newMeter(r)
	if err := f(m); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	switch {
	case m.bytes != file.Bytes:
		return corrupt("it has %d bytes instead of %d", m.bytes, file.Bytes)
	case m.sum != file.CRC32C:
		return corrupt("its checksum is %08x instead of %08x", m.sum, file.CRC32C)
	}
	return nil
}

// verify reads every byte of the checkpoint.
func (c *Checkpoint) verify(ctx context.Context) error {
	for _, name := range sorted(c.Operators) {
		for _, file := range c.Operators[name].Files {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := c.readFile(file, func(io.Reader) error { return nil }); err != nil {
				return fmt.Errorf("state of %q in %s: %w", name, file.Name, err)
			}
		}
	}
	return nil
}
