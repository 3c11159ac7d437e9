package checkpoint

import (
	"bytes"
	"context"
	"io"
	"slices"
	"sync"
)

// Memory is a store that lives as long as the process: for tests, and for jobs
// that only restart within it. It is safe for many goroutines.
type Memory struct {
	retained int

	mu    sync.Mutex
	kept  []memoryCheckpoint
	saved int64
	fail  func(*Checkpoint) error
}

// memoryCheckpoint is a whole checkpoint; its files are never changed.
type memoryCheckpoint struct {
	id       int64
	manifest []byte
	files    map[string][]byte
}

var _ Store = (*Memory)(nil)

// NewMemory returns an empty store that keeps the newest checkpoints, at least one.
func NewMemory(retained int) *Memory { return &Memory{retained: max(1, retained)} }

// FailWith makes Commit return what f returns unless that is nil.
func (m *Memory) FailWith(f func(*Checkpoint) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = f
}

// Begin implements Store.
func (m *Memory) Begin(_ context.Context, id int64) (Writer, error) {
	return &memoryWriter{m: m, c: memoryCheckpoint{id: id, files: make(map[string][]byte)}}, nil
}

// Latest implements Store.
func (m *Memory) Latest(ctx context.Context) (*Checkpoint, []Damage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kept) == 0 {
		return nil, nil, ErrNone
	}
	last := m.kept[len(m.kept)-1]
	c, err := Read(ctx, last.id, last.manifest, func(f File) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(last.files[f.Name])), nil
	})
	return c, nil, err
}

// Saved is the number of checkpoints that were made whole.
func (m *Memory) Saved() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.saved
}

// Close implements Store; what is kept stays.
func (m *Memory) Close() error { return nil }

type memoryWriter struct {
	m *Memory

	mu sync.Mutex
	c  memoryCheckpoint
}

// Put implements Writer.
func (w *memoryWriter) Put(ctx context.Context, name string, r io.Reader) (File, error) {
	measured, file := Measure(name, &ctxReader{ctx, r})
	data, err := io.ReadAll(measured)
	if err != nil {
		return File{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.c.files[name] = data
	return file(), nil
}

// Link implements Writer.
func (w *memoryWriter) Link(_ context.Context, id int64, f File) (File, error) {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range w.m.kept {
		if data, ok := k.files[f.Name]; ok && k.id == id {
			w.c.files[f.Name] = data
			return f, nil
		}
	}
	return File{}, corrupt("checkpoint %d holds no %s", id, f.Name)
}

// Commit implements Writer.
func (w *memoryWriter) Commit(_ context.Context, c *Checkpoint) (int64, error) {
	m := w.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		if err := m.fail(c); err != nil {
			return 0, err
		}
	}
	data, err := EncodeManifest(c)
	if err != nil {
		return 0, err
	}
	w.c.manifest = data
	m.kept = append(m.kept, w.c)
	if len(m.kept) > m.retained {
		m.kept = slices.Delete(m.kept, 0, len(m.kept)-m.retained)
	}
	m.saved++
	return c.Size() + int64(len(data)), nil
}

// Abort implements Writer.
func (w *memoryWriter) Abort() {}
