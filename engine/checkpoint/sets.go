package checkpoint

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Set is the files of one subtask's state, as its state backend made them.
type Set struct {
	Format string
	// First and End bound the key groups in it, End excluded.
	First, End int

	operator string
	c        *Checkpoint
	files    []File
}

// Sets are those of one operator, in the order of its files.
func (c *Checkpoint) Sets(operator string) (sets []*Set) {
	byName := make(map[string]*Set)
	for _, f := range c.Operators[operator].Files {
		if f.Set == "" {
			continue
		}
		s := byName[f.Set]
		if s == nil {
			s = &Set{Format: f.Format, First: f.First, End: f.End, operator: operator, c: c}
			byName[f.Set] = s
			sets = append(sets, s)
		}
		s.files = append(s.files, f)
	}
	return sets
}

// Fetch hands each file of the set to put, under the name that the backend gave it.
func (s *Set) Fetch(put func(name string, r io.Reader) error) error {
	for _, f := range s.files {
		name := strings.TrimPrefix(f.Name, f.Set+"-")
		if err := s.c.readFile(f, func(r io.Reader) error { return put(name, r) }); err != nil {
			return fmt.Errorf("state of %q in %s: %w", s.operator, f.Name, err)
		}
	}
	return nil
}

// ReadState reads what AppendState wrote, for backends that keep it by themselves.
func ReadState(data []byte) (State, error) {
	r := &stateReader{r: bufio.NewReader(bytes.NewReader(data))}
	if kind, err := r.r.ReadByte(); err != nil || kind != nameEntry {
		return State{}, corrupt("the name of a state cannot be read")
	}
	if err := r.name(); err != nil {
		return State{}, err
	}
	return r.states[0], nil
}
