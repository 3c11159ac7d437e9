package checkpoint

import (
	"errors"
	"os"
)

// files are the steps by which a folder store changes the disk; tests make them fail.
type files interface {
	Mkdir(dir string) error
	// Write makes a file whose bytes are on the disk when it returns.
	Write(name string, data []byte) error
	Rename(from, to string) error
	// SyncDir makes the names in a folder durable.
	SyncDir(dir string) error
	RemoveAll(name string) error
}

type diskFiles struct{}

func (diskFiles) Mkdir(dir string) error { return os.MkdirAll(dir, 0o755) }

func (diskFiles) Write(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
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
