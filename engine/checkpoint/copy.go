package checkpoint

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// Save writes a whole checkpoint from memory: the states of each operator, as one file.
// c.Operators gets the files; the watermarks in it stay. It serves tests and tools; a job writes its files by itself.
func Save(ctx context.Context, s Store, c *Checkpoint, states map[string][]Entry) (int64, error) {
	w, err := s.Begin(ctx, c.ID)
	if err != nil {
		return 0, err
	}
	watermarks := c.Operators
	c.Operators = make(map[string]Operator, len(states))
	for i, name := range sorted(states) {
		file, err := w.Put(ctx, fmt.Sprintf("operator-%03d-000.state", i), bytes.NewReader(encode(states[name])))
		if err != nil {
			w.Abort()
			return 0, err
		}
		c.Operators[name] = Operator{Watermark: watermarks[name].Watermark, Files: []File{file}}
	}
	return w.Commit(ctx, c)
}

func encode(entries []Entry) []byte {
	data := AppendHeader(nil)
	var states []State
	for _, e := range entries {
		n := slices.Index(states, e.State)
		if n < 0 {
			n = len(states)
			states = append(states, e.State)
			data = AppendState(data, e.State)
		}
		data = AppendEntry(data, n, e.Group, e.Data)
	}
	return data
}

// Load reads all states of a checkpoint into memory.
func Load(c *Checkpoint) (map[string][]Entry, error) {
	states := make(map[string][]Entry, len(c.Operators))
	for name := range c.Operators {
		if len(c.Sets(name)) > 0 {
			return nil, fmt.Errorf("load checkpoint %d: the state of %q is the files of a state backend", c.ID, name)
		}
		err := c.States(name, nil, func(e Entry) error {
			e.Data = slices.Clone(e.Data)
			states[name] = append(states[name], e)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return states, nil
}
