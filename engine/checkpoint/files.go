package checkpoint

import (
	"bufio"
	"errors"
	"io"
	"os"
)

// files are the steps by which a folder store changes the disk; tests make them fail.
type files interface {
	Mkdir(dir string) error
	// Write makes a file of what r gives, whose bytes are on the disk when it returns.
	Write(name string, r io.Reader) error
	// Link gives a file a second name.
	Link(from, to string) error
	Rename(from, to string) error
	// SyncDir makes the names in a folder durable.
	SyncDir(dir string) error
	RemoveAll(name string) error
}

type diskFiles struct{}

func (diskFiles) Mkdir(dir string) error { return os.MkdirAll(dir, 0o755) }

func (diskFiles) Write(name string, r io.Reader) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bufio.NewReaderSize(r, 1<<16))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Link falls back to a copy where the file system has no second names.
func (d diskFiles) Link(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return d.Write(to, f)
}

func (diskFiles) Rename(from, to string) error { return os.Rename(from, to) }

func (diskFiles) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (diskFiles) RemoveAll(name string) error { return os.RemoveAll(name) }
