package checkpoint

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FolderOptions are the limits of a folder store.
type FolderOptions struct {
	// Retained is the number of checkpoints kept; 3.
	Retained int
	// OnLost is told once, by the goroutine that finds it out, that the folder was moved
	// away or lost its lock: *LostError. It must not call the store. nil: nobody.
	OnLost func(error)
	// Watch is how often the folder is looked at while no checkpoint is taken, for OnLost; 5 s.
	Watch time.Duration
}

// Folder is a store in a folder of the local file system, locked while open. Each
// checkpoint is a folder chk-<id> with a manifest and a state file for each
// subtask of an operator that has state.
type Folder struct {
	dir      string
	retained int
	lock     *os.File
	files    files
	onLost   func(error)
	told     sync.Once          // OnLost
	stop     context.CancelFunc // ends watch
	watching sync.WaitGroup
}

var _ Store = (*Folder)(nil)

const (
	wholePrefix = "chk-"
	halfPrefix  = "half-" // being written or removed; never read
	lockName    = "lock"
	wholeName   = wholePrefix + "%010d"
)

// OpenFolder opens or makes dir and takes its lock; *LockedError if it is in use.
// What a crash left half-written is removed.
func OpenFolder(dir string, o FolderOptions) (*Folder, error) {
	if o.Retained == 0 {
		o.Retained = 3
	}
	if o.Retained < 1 {
		return nil, fmt.Errorf("open checkpoint folder %s: it must retain at least one checkpoint, not %d", dir, o.Retained)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open checkpoint folder: %w", err)
	}
	l, err := lock(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{dir: dir, retained: o.Retained, lock: l, files: diskFiles{}, onLost: o.OnLost}
	living, stop := context.WithCancel(context.Background())
	f.stop = stop
	if err := f.sweep(); err != nil {
		stop()
		l.Close()
		return nil, fmt.Errorf("open checkpoint folder: %w", err)
	}
	if f.onLost != nil {
		f.watching.Go(func() { f.watch(living, cmp.Or(o.Watch, 5*time.Second)) }) // ended by Close
	}
	return f, nil
}

// watch looks at the folder from time to time: a job to which nothing comes takes no checkpoint that would.
func (f *Folder) watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = f.held() // tells OnLost; other trouble is the next checkpoint's
		}
	}
}

func (f *Folder) path(id int64) string {
	return filepath.Join(f.dir, fmt.Sprintf(wholeName, id))
}

// Latest implements Store.
func (f *Folder) Latest(ctx context.Context) (*Checkpoint, []Damage, error) {
	ids, err := f.list()
	if err != nil {
		return nil, nil, err
	}
	var damaged []Damage
	for _, id := range slices.Backward(ids) {
		if err := ctx.Err(); err != nil {
			return nil, damaged, err
		}
		c, err := f.read(ctx, id)
		if err == nil {
			return c, damaged, nil
		}
		if ctx.Err() != nil {
			return nil, damaged, ctx.Err()
		}
		damaged = append(damaged, Damage{ID: id, Err: err})
	}
	return nil, damaged, ErrNone
}

// list is the ids of the checkpoints that are there, rising.
func (f *Folder) list() (ids []int64, err error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), wholePrefix)
		if !ok {
			continue
		}
		if id, err := strconv.ParseInt(rest, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// held checks that the lock file in the folder is the one that this store holds.
func (f *Folder) held() error {
	mine, err := f.lock.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(filepath.Join(f.dir, lockName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // the disk's trouble, which may pass
	}
	if err == nil && os.SameFile(mine, there) {
		return nil
	}
	lost := &LostError{f.dir}
	if f.onLost != nil {
		f.told.Do(func() { f.onLost(lost) })
	}
	return lost
}

// Close implements Store.
func (f *Folder) Close() error {
	f.stop()
	f.watching.Wait()
	return f.lock.Close()
}

// read checks one checkpoint. A file that cannot be read is damage: a disk has no
// bad moments that pass.
func (f *Folder) read(ctx context.Context, id int64) (*Checkpoint, error) {
	data, err := os.ReadFile(filepath.Join(f.path(id), ManifestName))
	if err != nil {
		return nil, corrupt("read manifest: %v", err)
	}
	return Read(ctx, id, data, filesIn(f.path(id)))
}

// filesIn opens a checkpoint's files in its folder.
func filesIn(dir string) func(File) (io.ReadCloser, error) {
	return func(file File) (io.ReadCloser, error) {
		r, err := os.Open(filepath.Join(dir, file.Name))
		if err != nil {
			return nil, corrupt("%v", err)
		}
		return r, nil
	}
}

// retire removes the oldest checkpoints beyond those retained. One that cannot be
// removed now is tried again after the next checkpoint.
func (f *Folder) retire() {
	ids, err := f.list()
	if err != nil {
		return
	}
	for len(ids) > f.retained {
		// Renamed first, so that a crash in the middle leaves nothing that looks whole.
		gone := filepath.Join(f.dir, fmt.Sprintf("%sretired-%d", halfPrefix, ids[0]))
		if f.files.Rename(f.path(ids[0]), gone) == nil {
			_ = f.files.RemoveAll(gone) // swept at the next opening if not now
		}
		ids = ids[1:]
	}
}

// sweep removes what a crash left half-written or half-removed.
func (f *Folder) sweep() error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), halfPrefix) {
			if err := f.files.RemoveAll(filepath.Join(f.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
