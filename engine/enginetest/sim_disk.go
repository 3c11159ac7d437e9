package enginetest

import (
	"errors"

	"taxistream/engine/state"
)

// simDisk is the disk of one simulated process. What a crash leaves open it closes
// when the next process begins.
type simDisk struct {
	state.Opener
	end  func() error
	open map[*simBackend]bool
}

// openDisk closes the disk of the process before and makes that of the next; nil: it has none.
func (w *world) openDisk() (state.Opener, error) {
	if err := w.disk.close(); err != nil {
		return nil, err
	}
	w.disk = nil
	if w.Disk == nil || !w.onDisk || !w.occurs("state on disk") {
		return nil, nil
	}
	o, end, err := w.Disk()
	if err != nil {
		return nil, err
	}
	w.disk = &simDisk{Opener: o, end: end, open: map[*simBackend]bool{}}
	return w.disk, nil
}

// Open implements state.Opener.
func (d *simDisk) Open(operator string, subtask int) (state.Backend, error) {
	inner, err := d.Opener.Open(operator, subtask)
	if err != nil {
		return nil, err
	}
	b := &simBackend{inner, d}
	d.open[b] = true
	return b, nil
}

func (d *simDisk) close() (err error) {
	if d == nil {
		return nil
	}
	for b := range d.open {
		err = errors.Join(err, b.Close())
	}
	end := d.end
	d.end = func() error { return nil }
	return errors.Join(err, end())
}

type simBackend struct {
	state.Backend
	d *simDisk
}

// Close implements state.Backend.
func (b *simBackend) Close() error {
	delete(b.d.open, b)
	return b.Backend.Close()
}
