package sort

import (
	"io"

	"taxistream/internal/trip"
)

// Sorter puts trips in the order of a replay: event time first, then all other
// values. It holds at most Options.Memory of them in memory, the rest in files
// without names in Options.TempDir. It is for one goroutine.
type Sorter struct{ sorter *sorter }

// NewSorter returns an empty sorter.
func NewSorter(o Options) *Sorter {
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	return &Sorter{newSorter(o.TempDir, o.Memory)}
}

// Add takes one more trip. The error is that of the disk.
func (s *Sorter) Add(t *trip.Trip) error { return s.sorter.add(t) }

// Each calls f with every trip added, in order, until it returns an error. It is
// called once, after the last Add.
func (s *Sorter) Each(f func(*trip.Trip) error) error {
	m, err := newMerge(s.sorter.finish())
	if err != nil {
		return err
	}
	var t trip.Trip
	for {
		switch err := m.next(&t); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := f(&t); err != nil {
			return err
		}
	}
}

// Close frees memory and disk.
func (s *Sorter) Close() error { return closeAll(s.sorter.runs) }
