package checkpoint

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// read checks one checkpoint. A file that cannot be read is damage: a disk has no
// bad moments that pass.
func (f *Folder) read(ctx context.Context, id int64) (*Checkpoint, error) {
	data, err := os.ReadFile(filepath.Join(f.path(id), ManifestName))
	if err != nil {
		return nil, corrupt("read manifest: %v", err)
	}
	return Read(ctx, id, data, func(file File) (io.ReadCloser, error) {
		r, err := os.Open(filepath.Join(f.path(id), file.Name))
		if err != nil {
			return nil, corrupt("%v", err)
		}
		return r, nil
	})
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
