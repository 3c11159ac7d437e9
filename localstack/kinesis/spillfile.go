package kinesis

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
)

// spillFile is a temporary file of many shards' segments, or a pair of files of one
// shard below a data folder. It is kept while someone uses it: its writer, the
// segments in it, answers being written from it.
type spillFile struct {
	f         *os.File
	index     *os.File // f itself of a temporary file
	store     *store
	temporary bool
	unnamed   bool // a temporary file whose name is gone
	size      int64
	indexSize int64 // beside size
	users     atomic.Int64
}

func (f *spillFile) pin() { f.users.Add(1) }

func (f *spillFile) unpin() {
	if f.users.Add(-1) > 0 {
		return
	}
	f.store.files.Lock()
	defer f.store.files.Unlock()
	if _, there := f.store.files.all[f]; !there {
		return // the store was closed
	}
	delete(f.store.files.all, f)
	f.store.disk.Add(-f.size - f.indexSize)
	_ = f.remove() // a name that stays is an empty nuisance; the space is counted as given back
}

// readAt reads from f or index. A pair is opened for each read: there are many of
// them, most are full and closed, and their newest records are in memory.
func (f *spillFile) readAt(file *os.File, b []byte, at int64) error {
	source := file
	if !f.temporary {
		opened, err := os.Open(file.Name())
		if err != nil {
			return fmt.Errorf("read back records: %w", err)
		}
		defer opened.Close()
		source = opened
	}
	if _, err := source.ReadAt(b, at); err != nil {
		return fmt.Errorf("read back records from %s: %w", file.Name(), err)
	}
	return nil
}

// cut takes what a failed write has left behind the end off a pair.
func (f *spillFile) cut() error {
	return errors.Join(f.f.Truncate(f.size), f.index.Truncate(f.indexSize))
}

// finish syncs and closes a pair; a second time it does nothing. A pair that is full must hold
// nothing but what was answered: what is left of a write that failed is cut off at the latest here.
func (f *spillFile) finish() error {
	err := errors.Join(f.cut(), f.f.Sync(), f.index.Sync())
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.close()
}

// close closes what is open.
func (f *spillFile) close() error {
	err := f.f.Close()
	if f.index != f.f {
		err = errors.Join(err, f.index.Close())
	}
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

func (f *spillFile) remove() error {
	err := f.close()
	if f.temporary && f.unnamed {
		return err
	}
	if !f.temporary {
		err = errors.Join(err, os.Remove(f.index.Name()))
	}
	return errors.Join(err, os.Remove(f.f.Name()))
}
