package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"taxistream/engine"
)

// Source is an engine.Source of the lines of files, one split a file, named by its path:
// every visible file below a folder. A file must not change once it is there; one that did
// is noticed when it is read on (*ChangedError), which fails the job.
//
// It is used by pointer, in one job. All files are read at once, each by a reader of 64 KiB, unless Lanes says otherwise: then the watermark may
// follow any of them. The names of files read to their end stay in checkpoints for as long as they are listed.
type Source[T any] struct {
	FS fs.FS // needed; Dir for a folder
	// Match chooses files by their path; nil: all that are visible.
	Match func(path string) bool
	// Decode makes an element of a line, which has no line feed and is valid for the call only. An error
	// fails the job, as *LineError.
	Decode func(line []byte) (engine.Element[T], error)
	// Follow looks for further files for ever (Config.DiscoverInterval, and when one has ended); otherwise the source ends
	// with the files that are there when it is first asked.
	Follow bool
	// Lanes is the most files that are read at once; 0: all. A file then waits for an
	// earlier one in the order of paths, and goes on from its watermark: event time must
	// follow that order, or what is later in it is late.
	Lanes int
	// LineBytes is the longest line; 1 MiB.
	LineBytes int
	// ReadBytes is about how much is handed on at once, in whole lines; 64 KiB.
	ReadBytes int

	mu     sync.Mutex
	listed []engine.Split // of a source that does not follow; nil: not yet
}

// Dir is the file system below a folder on the disk.
func Dir(folder string) fs.FS { return os.DirFS(folder) }

// Bounded implements engine.Bounded.
func (s *Source[T]) Bounded() bool { return !s.Follow }

// Splits implements engine.Source.
func (s *Source[T]) Splits(ctx context.Context) ([]engine.Split, error) {
	if s.FS == nil || s.Decode == nil {
		return nil, errors.New("a file source needs FS and Decode")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listed != nil { // the runtime asks at the end of every file
		return s.listed, nil
	}
	splits, err := s.list(ctx)
	if !s.Follow {
		s.listed = splits
	}
	return splits, err
}

func (s *Source[T]) list(ctx context.Context) ([]engine.Split, error) {
	var splits []engine.Split
	err := fs.WalkDir(s.FS, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path != "." && errors.Is(err, fs.ErrNotExist):
			return nil // removed meanwhile
		case err != nil:
			return err
		case hidden(path) && d.IsDir():
			return fs.SkipDir
		case !hidden(path) && d.Type().IsRegular() && (s.Match == nil || s.Match(path)):
			splits = append(splits, engine.Split{ID: path})
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	slices.SortFunc(splits, func(a, b engine.Split) int { return strings.Compare(a.ID, b.ID) })
	if s.Lanes > 0 {
		for i := s.Lanes; i < len(splits); i++ {
			splits[i].Parents = []string{splits[i-s.Lanes].ID}
		}
	}
	return splits, nil
}

// ChangedError says that a file is not the one that a checkpoint has read from, or changed
// while it was read. What was read cannot be taken back: put the file back as it was, or
// start without the checkpoint.
type ChangedError struct {
	Path, What string
}

// Error implements error.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("file %s has changed since it was read: %s; put it back as it was, or start anew", e.Path, e.What)
}

// LineError says which line cannot be read.
type LineError struct {
	Path   string
	Offset int64 // of the line's first byte
	Err    error
}

// Error implements error.
func (e *LineError) Error() string {
	return fmt.Sprintf("file %s, line at byte %d: %v", e.Path, e.Offset, e.Err)
}

// Unwrap gives the cause.
func (e *LineError) Unwrap() error { return e.Err }
