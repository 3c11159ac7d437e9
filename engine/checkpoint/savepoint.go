package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A savepoint is a checkpoint that somebody asked for and that belongs to them: it lies
// in a folder of its own, holds every file itself, and no store retires it. Its format is
// that of a checkpoint, so a job can start from either.

// Savepoint is the place of one savepoint, a folder that must not be there yet.
type Savepoint struct{ dir string }

var _ Place = Savepoint{}

// NewSavepoint names the folder; it is made when the savepoint is whole.
func NewSavepoint(dir string) Savepoint { return Savepoint{dir: filepath.Clean(dir)} }

// Begin implements Place.
func (s Savepoint) Begin(context.Context, int64) (Writer, error) {
	switch _, err := os.Lstat(s.dir); {
	case err == nil:
		return nil, fmt.Errorf("write savepoint %s: there is something already", s.dir)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("write savepoint: %w", err)
	}
	return (&folderWriter{
		files: diskFiles{}, what: "savepoint " + s.dir, whole: s.dir, done: func() {},
		half: filepath.Join(filepath.Dir(s.dir), halfPrefix+filepath.Base(s.dir)),
	}).begin()
}

// Open reads a savepoint, or one checkpoint of a folder store, from its folder, every byte checked.
func Open(ctx context.Context, dir string) (*Checkpoint, error) {
	manifest, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no savepoint: it has no %s; name the folder that the savepoint was written to", dir, ManifestName)
	}
	if err != nil {
		return nil, fmt.Errorf("read savepoint: %w", err)
	}
	c, err := Read(ctx, 0, manifest, filesIn(dir))
	if err != nil {
		return nil, fmt.Errorf("read savepoint %s: %w", dir, err)
	}
	return c, nil
}

// Copy writes a whole checkpoint to another place, every file of it.
func Copy(ctx context.Context, c *Checkpoint, to Place) (bytes int64, err error) {
	w, err := to.Begin(ctx, c.ID)
	if err != nil {
		return 0, err
	}
	for _, name := range sorted(c.Operators) {
		for _, file := range c.Operators[name].Files {
			if err := c.copyFile(ctx, file, w); err != nil {
				w.Abort()
				return 0, err
			}
		}
	}
	return w.Commit(ctx, c)
}

func (c *Checkpoint) copyFile(ctx context.Context, file File, w Writer) error {
	return c.readFile(file, func(r io.Reader) error {
		_, err := w.Put(ctx, file.Name, r)
		return err
	})
}
