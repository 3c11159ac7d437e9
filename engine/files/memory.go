package files

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"sync"
)

// Memory is a place that lives as long as the process, for tests. Names are not checked.
type Memory struct {
	mu    sync.Mutex
	files map[string][]byte
}

var _ Place = (*Memory)(nil)

// NewMemory returns an empty place.
func NewMemory() *Memory { return &Memory{files: make(map[string][]byte)} }

// String implements Place.
func (m *Memory) String() string { return "memory" }

// Files is what is there now, by name, hidden files included.
func (m *Memory) Files() map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make(map[string]string, len(m.files))
	for name, data := range m.files {
		all[name] = string(data)
	}
	return all
}

// Create implements Place.
func (m *Memory) Create(_ context.Context, name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, there := m.files[name]; there {
		return nil, fmt.Errorf("%s is there already", name)
	}
	m.files[name] = nil
	return &memoryFile{m: m, name: name}, nil
}

type memoryFile struct {
	bytes.Buffer
	m    *Memory
	name string
}

// Finish implements File.
func (f *memoryFile) Finish(context.Context) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.m.files[f.name] = bytes.Clone(f.Bytes())
	return nil
}

// Abort implements File.
func (f *memoryFile) Abort() { _ = f.m.Remove(context.Background(), f.name) }

// Publish implements Place.
func (m *Memory) Publish(_ context.Context, p Pending) (fresh bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, there := m.files[p.Hidden]
	if !there {
		if _, there := m.files[p.Visible]; !there {
			return false, ErrMissing
		}
		return false, nil
	}
	if int64(len(data)) != p.Bytes {
		return false, &DamagedError{Name: p.Hidden, Have: int64(len(data)), Want: p.Bytes}
	}
	delete(m.files, p.Hidden)
	m.files[p.Visible] = data
	return true, nil
}

// List implements Place.
func (m *Memory) List(_ context.Context, folder string) (names []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		if path.Dir(name) == folder {
			names = append(names, name)
		}
	}
	return names, nil
}

// Remove implements Place.
func (m *Memory) Remove(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, name)
	return nil
}
