package backfill

import (
	"errors"
	"os"
	"sync"
)

var errDead = errors.New("the process is dead")

// dying is the disk of a process that dies at its last call: that one was not made, was made by
// half where that can be, or was made and nobody was told. None is made behind it. What a kill
// leaves needs no sync, which would be most of a test's time.
type dying struct {
	realDisk
	last int
	way  wayToDie

	mu    sync.Mutex
	calls int
}

type wayToDie int

const (
	before wayToDie = iota
	halfway
	behind
	waysToDie
)

// call makes a call, unless the process is dead; half is what is left of one that is made by half.
func (d *dying) call(do, half func() error) error {
	d.mu.Lock()
	d.calls++
	calls := d.calls
	d.mu.Unlock()
	switch {
	case calls < d.last:
		return do()
	case calls > d.last || d.way == before:
	case d.way == behind:
		_ = do()
	case half != nil:
		_ = half()
	}
	return errDead
}

func (d *dying) Open(name string) (f file, err error) {
	err = d.call(func() error { f, err = d.realDisk.Open(name); return err }, nil)
	if err != nil {
		return nil, err
	}
	return &dyingFile{f, d}, nil
}

func (d *dying) Replace(name string, data []byte) error {
	write := func(data []byte) error { return os.WriteFile(name+".new", data, 0o600) }
	return d.call(func() error { return errors.Join(write(data), os.Rename(name+".new", name)) }, func() error { return write(data[:len(data)/2]) })
}

func (d *dying) Rename(from, to string) error {
	return d.call(func() error { return os.Rename(from, to) }, nil)
}

func (d *dying) MakeFolder(name string) error {
	return d.call(func() error { return d.realDisk.MakeFolder(name) }, nil)
}

func (d *dying) SyncFolder(name string) error {
	return d.call(func() error { return nil }, nil)
}

func (d *dying) Remove(name string) error {
	return d.call(func() error { return d.realDisk.Remove(name) }, nil)
}

type dyingFile struct {
	file
	d *dying
}

func (f *dyingFile) Write(b []byte) (n int, err error) {
	err = f.d.call(func() error { n, err = f.file.Write(b); return err }, func() error { _, err := f.file.Write(b[:len(b)/2]); return err })
	return n, err
}

func (f *dyingFile) Truncate(size int64) error {
	return f.d.call(func() error { return f.file.Truncate(size) }, nil)
}

func (f *dyingFile) Sync() error { return f.d.call(func() error { return nil }, nil) }
