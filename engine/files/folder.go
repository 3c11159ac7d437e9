package files

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
)

// Folder is a place on a disk.
//
// Everything below it must lie on one file system, because a file becomes visible by being
// renamed.
type Folder struct {
	dir string

	mu   sync.Mutex
	made map[string]bool // folders that are there, their names safe on the disk
}

var _ Place = (*Folder)(nil)

// OpenFolder takes a folder, which is made if it is not there. It fails where nothing can be
// written.
func OpenFolder(dir string) (*Folder, error) {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder %s: %w", dir, err)
	}
	f := &Folder{dir: whole, made: map[string]bool{}}
	if err := os.MkdirAll(f.at(pendingFolder), 0o755); err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	probe, err := os.CreateTemp(f.at(pendingFolder), "probe-*")
	if err != nil {
		return nil, fmt.Errorf("open folder: nothing can be written: %w", err)
	}
	return f, errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// String implements Place.
func (f *Folder) String() string { return "file://" + filepath.ToSlash(f.dir) }

func (f *Folder) at(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// ensure makes a folder below the place, and makes its name safe.
func (f *Folder) ensure(folder string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.make(folder)
}

// make is ensure with the lock held: from the place downwards.
func (f *Folder) make(folder string) error {
	if f.made[folder] {
		return nil
	}
	parent := path.Dir(folder)
	if folder != "." {
		if err := f.make(parent); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(f.at(folder), 0o755); err != nil {
		return err
	}
	if err := syncFolder(f.at(parent)); err != nil {
		return err
	}
	if len(f.made) >= madeLimit {
		clear(f.made)
	}
	f.made[folder] = true
	return nil
}

// madeLimit is the most folders that are remembered.
const madeLimit = 1000

// syncFolder makes the names in a folder safe.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Create implements Place.
func (f *Folder) Create(_ context.Context, name string) (File, error) {
	if err := f.ensure(path.Dir(name)); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(f.at(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrNotExist) { // somebody removed the folder
		f.forget()
		if err = f.ensure(path.Dir(name)); err == nil {
			file, err = os.OpenFile(f.at(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		}
	}
	if err != nil {
		return nil, err
	}
	return &diskFile{Writer: bufio.NewWriterSize(file, 1<<16), file: file}, nil
}

func (f *Folder) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.made)
}

// diskFile is a file of a Folder.
type diskFile struct {
	*bufio.Writer
	file *os.File
}

// Finish implements File: the bytes and the name are on the disk.
func (d *diskFile) Finish(context.Context) error {
	err := d.Flush()
	if err == nil {
		err = d.file.Sync()
	}
	if err = errors.Join(err, d.file.Close()); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(d.file.Name()))
}

// Abort implements File.
func (d *diskFile) Abort() {
	d.file.Close()
	os.Remove(d.file.Name())
}

// Publish implements Place.
func (f *Folder) Publish(_ context.Context, p Pending) (fresh bool, err error) {
	info, err := os.Stat(f.at(p.Hidden))
	if errors.Is(err, fs.ErrNotExist) {
		return false, f.published(p.Visible)
	}
	if err != nil {
		return false, err
	}
	if info.Size() != p.Bytes {
		return false, &DamagedError{Name: f.at(p.Hidden), Have: info.Size(), Want: p.Bytes}
	}
	err = f.rename(p)
	if errors.Is(err, fs.ErrNotExist) { // somebody removed the folder
		f.forget()
		err = f.rename(p)
	}
	if err != nil {
		return false, err
	}
	return true, syncFolder(f.at(path.Dir(p.Visible)))
}

func (f *Folder) rename(p Pending) error {
	if err := f.ensure(path.Dir(p.Visible)); err != nil {
		return err
	}
	return os.Rename(f.at(p.Hidden), f.at(p.Visible))
}

// published tells whether a file has its visible name. A crash may have come between the
// renaming and the sync of its folder, so it is synced again.
func (f *Folder) published(name string) error {
	_, err := os.Stat(f.at(name))
	if errors.Is(err, fs.ErrNotExist) {
		return ErrMissing
	}
	if err != nil {
		return err
	}
	return syncFolder(f.at(path.Dir(name)))
}

// Tidy removes the folders of owners that have nothing pending, where owners come and go: another job that begins
// to write makes its own again.
func (f *Folder) Tidy() error {
	owners, err := os.ReadDir(f.at(pendingFolder))
	if err != nil {
		return fmt.Errorf("tidy %s: %w", f, err)
	}
	f.forget()
	for _, owner := range owners {
		if !owner.IsDir() {
			continue
		}
		_ = os.Remove(f.at(path.Join(pendingFolder, owner.Name()))) // fails where something is in it
	}
	return nil
}

// List implements Place.
func (f *Folder) List(_ context.Context, folder string) (names []string, err error) {
	entries, err := os.ReadDir(f.at(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, path.Join(folder, e.Name()))
		}
	}
	return names, err
}

// Remove implements Place.
func (f *Folder) Remove(_ context.Context, name string) error {
	err := os.Remove(f.at(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
