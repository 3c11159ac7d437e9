package sort

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"

	"taxistream/internal/trip"
)

// tripSize is the size of a trip in a run: eight 8-byte words.
const tripSize = 64

// inputs of the merge: the next trip of each, in the order of compare.
type input interface {
	next(t *trip.Trip) error // io.EOF behind the last
	rewind() error
	close() error
}

// diskRun is a sorted run in a file without a name.
type diskRun struct {
	file *os.File
	r    *bufio.Reader
}

// spill writes a sorted run to disk.
func spill(dir string, run *memoryRun) (*diskRun, error) {
	f, err := os.CreateTemp(dir, "taxistream-sort-*")
	if err != nil {
		return nil, fmt.Errorf("sort on disk: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, fmt.Errorf("sort on disk: %w", err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	var b [tripSize]byte
	for _, k := range run.keys {
		encode(&b, run.sorter.at(k))
		if _, err = w.Write(b[:]); err != nil {
			break
		}
	}
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("sort on disk: %w; free some room, or set TMPDIR to another disk", err)
	}
	return &diskRun{file: f, r: bufio.NewReaderSize(f, 256<<10)}, nil
}

func (d *diskRun) next(t *trip.Trip) error {
	b, err := d.r.Peek(tripSize)
	if err != nil {
		if err == io.EOF && len(b) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	decode(b, t)
	_, err = d.r.Discard(tripSize)
	return err
}

func (d *diskRun) rewind() error {
	_, err := d.file.Seek(0, io.SeekStart)
	d.r.Reset(d.file)
	return err
}

func (d *diskRun) close() error { return d.file.Close() }

func encode(b *[tripSize]byte, t *trip.Trip) {
	amount := uint64(math.MaxUint64) // a NaN that no reader lets pass: absent
	if t.HasAmount {
		amount = math.Float64bits(t.TotalAmount)
	}
	for i, v := range [...]uint64{
		uint64(t.ID), math.Float64bits(t.PickupLat), math.Float64bits(t.PickupLon), math.Float64bits(t.DropoffLat),
		math.Float64bits(t.DropoffLon), amount, uint64(t.Pickup), uint64(t.Dropoff),
	} {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
}

func decode(b []byte, t *trip.Trip) {
	v := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	f := func(i int) float64 { return math.Float64frombits(v(i)) }
	*t = trip.Trip{
		ID: int64(v(0)), PickupLat: f(1), PickupLon: f(2), DropoffLat: f(3), DropoffLon: f(4),
		Pickup: int64(v(6)), Dropoff: int64(v(7)), HasAmount: v(5) != math.MaxUint64,
	}
	if t.HasAmount {
		t.TotalAmount = f(5)
	}
}
