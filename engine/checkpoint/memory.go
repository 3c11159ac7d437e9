package checkpoint

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Memory is a store that lives as long as the process: for tests, and for jobs
// that only restart within it. It is safe for many goroutines.
type Memory struct {
	retained int

	mu    sync.Mutex
	kept  []*Checkpoint
	saved int64
	fail  func(*Checkpoint) error
}

var _ Store = (*Memory)(nil)

// NewMemory returns an empty store that keeps the newest checkpoints, at least one.
func NewMemory(retained int) *Memory { return &Memory{retained: max(1, retained)} }

// FailWith makes Save return what f returns unless that is nil.
func (m *Memory) FailWith(f func(*Checkpoint) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = f
}

// Save implements Store.
func (m *Memory) Save(_ context.Context, c *Checkpoint) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		if err := m.fail(c); err != nil {
			return 0, err
		}
	}
	copied, bytes := c.clone()
	m.kept = append(m.kept, copied)
	if len(m.kept) > m.retained {
		m.kept = slices.Delete(m.kept, 0, len(m.kept)-m.retained)
	}
	m.saved++
	return bytes, nil
}

// Latest implements Store.
func (m *Memory) Latest(context.Context) (*Checkpoint, []Damage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kept) == 0 {
		return nil, nil, ErrNone
	}
	c, _ := m.kept[len(m.kept)-1].clone()
	return c, nil, nil
}

// Saved is the number of checkpoints that were made whole.
func (m *Memory) Saved() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.saved
}

// Close implements Store; what is kept stays.
func (m *Memory) Close() error { return nil }

// clone copies a checkpoint with its states and counts their bytes.
func (c *Checkpoint) clone() (copied *Checkpoint, bytes int64) {
	d := *c
	d.Fingerprint = maps.Clone(c.Fingerprint)
	d.Operators = make(map[string]OperatorState, len(c.Operators))
	for name, s := range c.Operators {
		t := OperatorState{Groups: make(map[int][]byte, len(s.Groups))}
		for g, data := range s.Groups {
			t.Groups[g] = slices.Clone(data)
			bytes += int64(len(data))
		}
		for _, data := range s.List {
			t.List = append(t.List, slices.Clone(data))
			bytes += int64(len(data))
		}
		d.Operators[name] = t
	}
	return &d, bytes
}
