package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"taxistream/engine/checkpoint"
)

// objectSize is the most bytes of one object: a longer file is cut into several, the
// first of its name, the others with a number behind it. No more of a file than this is
// in memory.
const objectSize = 64 << 20

// writer writes one checkpoint.
//
// Invariants: k.files names every object that a call may have put, so that all can be
// removed; over: Commit or Abort was called, and nothing more is put.
type writer struct {
	s    *Store
	size int // of objects

	mu   sync.Mutex
	k    *kept
	over bool
}

// Begin implements checkpoint.Store.
func (s *Store) Begin(_ context.Context, id int64) (checkpoint.Writer, error) {
	return &writer{s: s, size: objectSize, k: &kept{place: place{s.lease.epoch(), id}}}, nil
}

// note notes an object before it is put.
func (w *writer) note(name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return fmt.Errorf("checkpoint %d was given up", w.k.id)
	}
	w.k.files = append(w.k.files, name)
	return nil
}

// object names the n-th object of a file.
func object(file string, n int) string {
	if n == 0 {
		return file
	}
	return fmt.Sprintf("%s.%03d", file, n)
}

// Put implements checkpoint.Writer.
func (w *writer) Put(ctx context.Context, name string, r io.Reader) (checkpoint.File, error) {
	file, err := cut(name, r, w.size, func(object string, data []byte) error { return w.put(ctx, object, data) })
	if err != nil {
		return file, w.failed(err)
	}
	return file, nil
}

// cut puts what r gives as objects of at most size bytes.
func cut(name string, r io.Reader, size int, put func(object string, data []byte) error) (checkpoint.File, error) {
	measured, file := checkpoint.Measure(name, r)
	for n := 0; ; n++ {
		data, err := io.ReadAll(io.LimitReader(measured, int64(size)))
		if err != nil {
			return checkpoint.File{}, err
		}
		if len(data) > 0 || n == 0 {
			if err := put(object(name, n), data); err != nil {
				return checkpoint.File{}, err
			}
		}
		if len(data) < size {
			return file(), nil
		}
	}
}

func (w *writer) put(ctx context.Context, name string, data []byte) error {
	if err := w.note(name); err != nil {
		return err
	}
	_, err := w.s.bucket.Put(ctx, w.s.at, w.key(w.k.place, name), data)
	return err
}

func (w *writer) key(p place, name string) string { return w.s.at.Prefix + p.folder() + name }

func (w *writer) failed(err error) error { return fmt.Errorf("write checkpoint %d: %w", w.k.id, err) }

// Link implements checkpoint.Writer: S3 copies the objects within itself.
func (w *writer) Link(ctx context.Context, id int64, f checkpoint.File) (checkpoint.File, error) {
	from, files, ok := w.s.holder(id, f.Name)
	if !ok {
		return f, w.failed(fmt.Errorf("checkpoint %d holds no %s", id, f.Name))
	}
	for n := 0; slices.Contains(files, object(f.Name, n)); n++ {
		name := object(f.Name, n)
		if err := w.note(name); err != nil {
			return f, err
		}
		if err := w.s.bucket.Copy(ctx, w.s.at, w.key(from, name), w.key(w.k.place, name)); err != nil {
			return f, w.failed(err)
		}
	}
	return f, nil
}

// holder finds a whole checkpoint that holds a file, and the names of its objects.
func (s *Store) holder(id int64, file string) (p place, files []string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range slices.Backward(s.kept) {
		if k.id == id && slices.Contains(k.files, file) {
			return k.place, slices.Clone(k.files), true
		}
	}
	return p, nil, false
}

// Commit implements checkpoint.Writer. The lease is renewed before the manifest is
// put: a processor that lost its place adds no checkpoint. An error after the
// manifest was sent leaves a checkpoint that may be whole.
func (w *writer) Commit(ctx context.Context, c *checkpoint.Checkpoint) (int64, error) {
	data, err := checkpoint.EncodeManifest(c)
	if err == nil {
		err = w.putManifest(ctx, data)
	}
	if err != nil {
		w.Abort()
		return 0, w.failed(err)
	}
	w.close()
	w.k.whole = true
	w.s.lease.saved(w.k.id)
	w.s.retire(ctx, w.k)
	return c.Size() + int64(len(data)), nil
}

func (w *writer) putManifest(ctx context.Context, data []byte) error {
	began, err := w.s.lease.renew(ctx)
	if err != nil {
		return err
	}
	// A manifest that is on its way when the lease ends is given up.
	left := w.s.o.Lease - w.s.lease.clock().Sub(began)
	bounded, cancel := context.WithTimeoutCause(ctx, left, errors.New("the lease ended before the manifest was written"))
	defer cancel()
	return w.put(bounded, checkpoint.ManifestName, data)
}

// close ends the writing; first: it was open.
func (w *writer) close() (first bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	first, w.over = !w.over, true
	return first
}

// Abort implements checkpoint.Writer. What was put is removed with the next checkpoint
// that becomes whole.
func (w *writer) Abort() {
	if w.close() && len(w.k.files) > 0 {
		w.s.discard(w.k)
	}
}
