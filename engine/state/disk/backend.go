package disk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"

	"taxistream/engine/state"
)

// backend is the state of one subtask: a database. Its log is written, so that a snapshot
// is links and a copy of the log's end, and never synced.
//
// Invariant: snapshots are those that are open. A job that fails may not close all of them.
type backend struct {
	f   *Folder
	dir string
	db  *pebble.DB
	// options are those of db, with their defaults.
	options *pebble.Options
	last    []byte // what Get returned last
	// asked is the row that was asked for last, and has tells whether it is there: a row is
	// mostly read before it is written.
	asked []byte
	had   bool

	mu        sync.Mutex
	snapshots map[*snapshot]struct{}
}

// Get implements state.Backend.
func (b *backend) Get(key []byte) (value []byte, ok bool, err error) {
	b.asked, b.had = b.asked[:0], false
	v, closer, err := b.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		b.asked = append(b.asked, key...)
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	b.last = append(b.last[:0], v...)
	b.asked, b.had = append(b.asked, key...), true
	return b.last, true, closer.Close()
}

// has tells whether a row is there. The caller is about to change that.
func (b *backend) has(key []byte) (ok bool, err error) {
	if ok = b.had; !bytes.Equal(key, b.asked) {
		_, ok, err = b.Get(key)
	}
	b.asked, b.had = b.asked[:0], false
	return ok, err
}

// Put implements state.Backend.
func (b *backend) Put(key, value []byte) (added bool, err error) {
	had, err := b.has(key)
	if err != nil {
		return false, err
	}
	return !had, b.db.Set(key, value, pebble.NoSync)
}

// Load implements state.Backend: the rows become a sorted file that the database takes in as it
// is, without its log and, where nothing lies between them, without a compaction.
func (b *backend) Load(rows []state.Row) error {
	if len(rows) == 0 {
		return nil
	}
	b.asked, b.had = b.asked[:0], false
	name := b.f.next() + ".sst"
	file, err := b.f.fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	w := sstable.NewWriter(objstorageprovider.NewFileWritable(file), b.options.MakeWriterOptions(bottom, b.db.TableFormat()))
	for _, r := range rows {
		if err = w.Set(r.Key, r.Value); err != nil {
			break
		}
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return errors.Join(err, b.f.fs.Remove(name))
	}
	return b.db.Ingest(context.Background(), []string{name})
}

// bottom is the level that files of new rows mostly come to lie in.
const bottom = 6

// Delete implements state.Backend.
func (b *backend) Delete(key []byte) (deleted bool, err error) {
	had, err := b.has(key)
	if err != nil || !had {
		return false, err
	}
	return true, b.db.Delete(key, pebble.NoSync)
}

// Scan implements state.Backend.
func (b *backend) Scan(from, to []byte, each func(key, value []byte) bool) error {
	return scan(b.db, from, to, each)
}

func scan(r pebble.Reader, from, to []byte, each func(key, value []byte) bool) (err error) {
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok; ok = it.Next() {
		if !each(it.Key(), it.Value()) {
			return nil
		}
	}
	return it.Error()
}

// Snapshot implements state.Backend: the files as they are now, under other names.
func (b *backend) Snapshot() (state.Snapshot, error) {
	dir := b.f.next()
	if err := b.db.Checkpoint(dir, pebble.WithFlushedWAL()); err != nil {
		return nil, err
	}
	s := &snapshot{f: b.f, of: b, dir: dir}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.snapshots[s] = struct{}{}
	return s, nil
}

// Close implements state.Backend.
func (b *backend) Close() (err error) {
	b.mu.Lock()
	open := slices.Collect(maps.Keys(b.snapshots))
	b.mu.Unlock()
	for _, s := range open {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, b.db.Close(), b.f.fs.RemoveAll(b.dir))
}

// snapshot is a folder of files. It is opened when it is scanned.
type snapshot struct {
	f   *Folder
	of  *backend
	dir string     // "": closed
	db  *pebble.DB // nil: not opened
}

var _ state.Files = (*snapshot)(nil)

// Scan implements state.Snapshot.
func (s *snapshot) Scan(from, to []byte, each func(key, value []byte) bool) (err error) {
	if s.db == nil {
		if s.db, err = pebble.Open(s.dir, s.f.pebble(true)); err != nil {
			return err
		}
	}
	return scan(s.db, from, to, each)
}

// Files implements state.Files.
func (s *snapshot) Files() (files []state.File, err error) {
	if s.dir == "" {
		return nil, errors.New("the snapshot is closed")
	}
	names, err := s.f.fs.List(s.dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		files = append(files, state.File{
			Name: name, Fixed: strings.HasSuffix(name, ".sst") || strings.HasSuffix(name, ".blob"),
			Open: func() (io.ReadCloser, error) { return s.f.fs.Open(s.f.fs.PathJoin(s.dir, name)) },
		})
	}
	return files, nil
}

// Close implements state.Snapshot.
func (s *snapshot) Close() (err error) {
	if s.dir == "" {
		return nil
	}
	s.of.mu.Lock()
	delete(s.of.snapshots, s)
	s.of.mu.Unlock()
	if s.db != nil {
		err = s.db.Close()
	}
	err = errors.Join(err, s.f.fs.RemoveAll(s.dir))
	s.dir, s.db = "", nil
	return err
}
