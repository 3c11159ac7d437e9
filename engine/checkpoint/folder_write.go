package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
)

// folderWriter writes a checkpoint under a folder that is not taken for one, and
// renames it once it is whole.
type folderWriter struct {
	files       files
	what        string // for people
	half, whole string
	// held fails once the place is not the store's any more; nil: nobody else can take it.
	held func() error
	// earlier is the folder of an earlier checkpoint; nil: there is none.
	earlier func(id int64) string
	// done is told that the checkpoint is whole.
	done func()
}

// Begin implements Store.
func (f *Folder) Begin(_ context.Context, id int64) (Writer, error) {
	return (&folderWriter{
		files: f.files, what: "checkpoint " + strconv.FormatInt(id, 10), held: f.held, earlier: f.path, done: f.retire,
		half: filepath.Join(f.dir, halfPrefix+strconv.FormatInt(id, 10)), whole: f.path(id),
	}).begin()
}

func (w *folderWriter) begin() (Writer, error) {
	err := w.check()
	if err == nil {
		err = w.files.RemoveAll(w.half)
	}
	if err == nil {
		err = w.files.Mkdir(w.half)
	}
	if err != nil {
		return nil, w.failed(err)
	}
	return w, nil
}

func (w *folderWriter) check() error {
	if w.held == nil {
		return nil
	}
	return w.held()
}

func (w *folderWriter) failed(err error) error { return fmt.Errorf("write %s: %w", w.what, err) }

// Put implements Writer.
func (w *folderWriter) Put(ctx context.Context, name string, r io.Reader) (File, error) {
	measured, file := Measure(name, &ctxReader{ctx, r})
	if err := w.files.Write(filepath.Join(w.half, name), measured); err != nil {
		return File{}, w.failed(err)
	}
	return file(), nil
}

// Link implements Writer: the file gets a second name, and outlives its first.
func (w *folderWriter) Link(_ context.Context, id int64, f File) (File, error) {
	if w.earlier == nil {
		return f, w.failed(errors.New("it must hold every file itself"))
	}
	if err := w.files.Link(filepath.Join(w.earlier(id), f.Name), filepath.Join(w.half, f.Name)); err != nil {
		return File{}, w.failed(err)
	}
	return f, nil
}

// Commit implements Writer.
func (w *folderWriter) Commit(ctx context.Context, c *Checkpoint) (int64, error) {
	data, err := EncodeManifest(c)
	if err == nil {
		err = w.files.Write(filepath.Join(w.half, ManifestName), &ctxReader{ctx, bytes.NewReader(data)})
	}
	if err == nil {
		err = w.files.SyncDir(w.half)
	}
	if err == nil {
		err = w.check()
	}
	if err == nil {
		err = w.files.Rename(w.half, w.whole)
	}
	if err == nil {
		err = w.files.SyncDir(filepath.Dir(w.whole))
	}
	if err != nil {
		w.Abort()
		return 0, w.failed(err)
	}
	w.done()
	return c.Size() + int64(len(data)), nil
}

// Abort implements Writer. What stays is swept at the next opening.
func (w *folderWriter) Abort() { _ = w.files.RemoveAll(w.half) }

// Size is the bytes of all files.
func (c *Checkpoint) Size() (bytes int64) {
	for _, o := range c.Operators {
		for _, f := range o.Files {
			bytes += f.Bytes
		}
	}
	return bytes
}

// ctxReader stops reading when its context ends.
type ctxReader struct {
	ctx context.Context //nolint:containedctx // of the one call that it serves
	r   io.Reader
}

// Read implements io.Reader.
func (r *ctxReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
