// Package disk keeps the keyed state of an engine's job on disk, in Pebble (a log-structured
// merge tree), so that it may be larger than memory:
//
//	folder, err := disk.Open("/var/lib/rides/state", disk.Options{})
//	...
//	job := engine.NewJob(engine.Config{Name: "rides", State: folder, Store: store})
//
// The folder is scratch space of one process: what is in it is lost with the process, and
// made anew from the newest checkpoint. A checkpoint takes Pebble's files as they are and
// links those that an earlier one holds already, so its price follows what has changed.
//
// Only programs that import this package contain Pebble.
package disk

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"taxistream/engine/state"
)

// Options bound what state on disk takes of memory. The zero value of a field means its default.
type Options struct {
	// CacheBytes is the size of the cache of blocks, one for all subtasks; 64 MiB.
	CacheBytes int64
	// MemTableBytes is how much each subtask of each operator gathers before it writes a sorted
	// file, at most twice that at a time; 8 MiB. A checkpoint copies up to that much while the
	// subtask waits.
	MemTableBytes uint64
	// FS is the file system; that of the operating system. Tests give one in memory.
	FS vfs.FS
}

// format names the files of snapshots; a change of the rows' meaning is another one.
const format = "pebble-1"

// Folder is a folder of databases, one for each subtask of each operator with state. It is
// safe for many goroutines.
//
// Invariants: lock is held as long as the folder is open, so that nobody else writes in it;
// numbers are used once.
type Folder struct {
	dir     string
	options Options
	fs      vfs.FS
	cache   *pebble.Cache
	lock    io.Closer
	// noCompactions is for tests; set before Open.
	noCompactions bool

	mu     sync.Mutex
	number int
}

var _ state.Opener = (*Folder)(nil)

// scratch begins the names of what is in a folder.
const scratch = "scratch-"

// Open takes a folder, which is made if need be, and removes what an earlier process left
// in it. It fails if another process has it.
func Open(dir string, o Options) (*Folder, error) {
	if o.CacheBytes == 0 {
		o.CacheBytes = 64 << 20
	}
	if o.MemTableBytes == 0 {
		o.MemTableBytes = 8 << 20
	}
	if o.FS == nil {
		o.FS = vfs.Default
	}
	f := &Folder{dir: dir, options: o, fs: unsynced{o.FS}}
	if err := f.take(); err != nil {
		return nil, fmt.Errorf("open state folder %s: %w", dir, err)
	}
	f.cache = pebble.NewCache(o.CacheBytes)
	return f, nil
}

func (f *Folder) take() (err error) {
	if err := f.fs.MkdirAll(f.dir, 0o755); err != nil {
		return err
	}
	if f.lock, err = f.fs.Lock(f.fs.PathJoin(f.dir, "lock")); err != nil {
		return fmt.Errorf("another process may use it: %w", err)
	}
	names, err := f.fs.List(f.dir)
	for _, name := range names {
		if err == nil && strings.HasPrefix(name, scratch) {
			err = f.fs.RemoveAll(f.fs.PathJoin(f.dir, name))
		}
	}
	if err != nil {
		return errors.Join(err, f.lock.Close())
	}
	return nil
}

// Close lets the folder go. No job may use it any more.
func (f *Folder) Close() error {
	f.cache.Unref()
	return f.lock.Close()
}

// Format implements state.Opener.
func (f *Folder) Format() string { return format }

// next is the name of another folder within the folder.
func (f *Folder) next() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.number++
	return f.fs.PathJoin(f.dir, fmt.Sprintf("%s%06d", scratch, f.number))
}

// Open implements state.Opener.
func (f *Folder) Open(operator string, subtask int) (state.Backend, error) {
	dir := f.next()
	options := f.pebble(false)
	options.EnsureDefaults()
	db, err := pebble.Open(dir, options)
	if err != nil {
		return nil, fmt.Errorf("open state of %s/%d: %w", operator, subtask, err)
	}
	return &backend{f: f, dir: dir, db: db, options: options, snapshots: make(map[*snapshot]struct{})}, nil
}

func (f *Folder) pebble(readOnly bool) *pebble.Options {
	o := &pebble.Options{
		FS: f.fs, Cache: f.cache, MemTableSize: f.options.MemTableBytes, ReadOnly: readOnly,
		FormatMajorVersion: pebble.FormatNewest, Logger: quiet{}, ErrorIfExists: !readOnly,
		DisableAutomaticCompactions: f.noCompactions,
	}
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10) // most rows that are asked for and not there cost no read
	}
	return o
}

// Read implements state.Opener.
func (f *Folder) Read(fetch func(put func(name string, r io.Reader) error) error) (state.Snapshot, error) {
	dir := f.next()
	err := f.fs.MkdirAll(dir, 0o755)
	if err == nil {
		err = fetch(func(name string, r io.Reader) error { return f.write(f.fs.PathJoin(dir, name), r) })
	}
	var db *pebble.DB
	if err == nil {
		db, err = pebble.Open(dir, f.pebble(true))
	}
	if err != nil {
		return nil, errors.Join(err, f.fs.RemoveAll(dir))
	}
	return &opened{f: f, dir: dir, db: db}, nil
}

func (f *Folder) write(name string, r io.Reader) error {
	file, err := f.fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, r)
	return errors.Join(err, file.Close())
}

// opened is a snapshot from a checkpoint.
type opened struct {
	f   *Folder
	dir string
	db  *pebble.DB // nil: closed
}

// Scan implements state.Snapshot.
func (o *opened) Scan(from, to []byte, each func(key, value []byte) bool) error {
	return scan(o.db, from, to, each)
}

// Close implements state.Snapshot.
func (o *opened) Close() error {
	if o.db == nil {
		return nil
	}
	err := o.db.Close()
	o.db = nil
	return errors.Join(err, o.f.fs.RemoveAll(o.dir))
}

// quiet is a logger that says nothing: what fails is returned.
type quiet struct{}

// Infof implements pebble.Logger.
func (quiet) Infof(string, ...any) {}

// Errorf implements pebble.Logger.
func (quiet) Errorf(string, ...any) {}

// Fatalf implements pebble.Logger: it is called where Pebble cannot go on.
func (quiet) Fatalf(format string, args ...any) {
	panic("engine/state/disk: " + fmt.Sprintf(format, args...))
}
