package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Place is where a record stands: its file's number and its offset in it.
type Place int64

const offsetBits = 32

func placeOf(number int, offset int64) Place { return Place(int64(number)<<offsetBits | offset) }

func (p Place) number() int   { return int(p >> offsetBits) }
func (p Place) offset() int64 { return int64(p) & (1<<offsetBits - 1) }

// Log is a row of files, of which the last is written. Of each it knows how much
// nobody needs any more, so that its owner can move the rest and drop the file.
// Its owner locks it: many may read while nobody writes.
type Log struct {
	dir   string // empty: files of no name
	limit int64  // a file that has this length is followed by the next
	files []*segment
}

type segment struct {
	*File
	number int
	path   string
	dead   int64
}

// NewLog is the log in a folder, or for an empty dir one of no folder. Replay must
// follow before anything else.
func NewLog(dir string, limit int64) *Log { return &Log{dir: dir, limit: limit} }

// Replay opens what the folder holds, which is made if it is not there, and calls
// fn with every record, oldest file first. Records that fn saw can be read by then.
func (l *Log) Replay(fn func(at Place, payload []byte) error) error {
	if l.dir == "" {
		return nil
	}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(l.dir, "*"+suffix)) // in the order of their numbers
	if err != nil {
		return err
	}
	for i, path := range names {
		s := &segment{path: path}
		if _, err := fmt.Sscanf(strings.TrimSuffix(filepath.Base(path), suffix), "%d", &s.number); err != nil {
			return fmt.Errorf("%s: its name is no number; move the file elsewhere", path)
		}
		if s.File, err = OpenFile(path); err != nil {
			return err
		}
		l.files = append(l.files, s)
		err := s.Replay(i == len(names)-1, func(offset int64, payload []byte) error {
			return fn(placeOf(s.number, offset), payload)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const suffix = ".log"

// Append adds a record and returns its place. Flush makes it last.
func (l *Log) Append(parts ...[]byte) (Place, error) {
	if n := len(l.files); n == 0 || l.files[n-1].Len() >= l.limit {
		if err := l.next(); err != nil {
			return 0, err
		}
	}
	last := l.files[len(l.files)-1]
	return placeOf(last.number, last.Append(parts...)), nil
}

// next begins another file.
func (l *Log) next() error {
	s := &segment{number: 1}
	if n := len(l.files); n > 0 {
		if err := l.files[n-1].Flush(); err != nil { // only the last file may end within a record
			return err
		}
		s.number = l.files[n-1].number + 1
	}
	var err error
	if l.dir == "" {
		s.File, err = unnamed()
	} else {
		s.path = filepath.Join(l.dir, fmt.Sprintf("%09d%s", s.number, suffix))
		s.File, err = OpenFile(s.path)
	}
	if err != nil {
		return err
	}
	l.files = append(l.files, s)
	return nil
}

// Flush writes what was appended.
func (l *Log) Flush() error {
	if len(l.files) == 0 {
		return nil
	}
	return l.files[len(l.files)-1].Flush()
}

func (l *Log) file(number int) *segment {
	i, ok := slices.BinarySearchFunc(l.files, number, func(s *segment, n int) int { return s.number - n })
	if !ok {
		return nil
	}
	return l.files[i]
}

// Forget says that nobody needs the record at p any more, whose payload has n bytes.
func (l *Log) Forget(p Place, n int) { l.file(p.number()).dead += headBytes + int64(n) }

// Wasted gives the number of a file that is no longer written and of which more than half is dead.
func (l *Log) Wasted() (number int, found bool) {
	for _, s := range l.files[:max(len(l.files)-1, 0)] {
		if 2*s.dead > s.size {
			return s.number, true
		}
	}
	return 0, false
}

// Scan calls fn with each record of one file, which must have been flushed.
func (l *Log) Scan(number int, fn func(at Place, payload []byte) error) error {
	return scan(l.file(number).f, func(offset int64, payload []byte) error { return fn(placeOf(number, offset), payload) })
}

// Drop removes a file, of which every record that is needed stands elsewhere, flushed.
func (l *Log) Drop(number int) error {
	s := l.file(number)
	l.files = slices.DeleteFunc(l.files, func(other *segment) bool { return other == s })
	return errors.Join(s.Close(), remove(s.path))
}

func remove(path string) error {
	if path == "" {
		return nil
	}
	return os.Remove(path)
}

// Size is the length of all files, dead records included.
func (l *Log) Size() (n int64) {
	for _, s := range l.files {
		n += s.Len()
	}
	return n
}

// Sync returns once the disk has everything.
func (l *Log) Sync() error {
	var errs []error
	for _, s := range l.files {
		errs = append(errs, s.Sync())
	}
	return errors.Join(errs...)
}

// Close closes the files; what was not flushed is lost.
func (l *Log) Close() error {
	var errs []error
	for _, s := range l.files {
		errs = append(errs, s.Close())
	}
	l.files = nil
	return errors.Join(errs...)
}

// Remove closes the files and deletes the folder.
func (l *Log) Remove() error {
	err := l.Close()
	if l.dir == "" {
		return err
	}
	return errors.Join(err, os.RemoveAll(l.dir))
}

// Spoil makes writing fail, for tests; nil mends it.
func (l *Log) Spoil(err error) {
	for _, s := range l.files {
		s.spoiled = err
	}
}
