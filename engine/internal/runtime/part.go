package runtime

import (
	"fmt"
	"io"

	"taxistream/engine/checkpoint"
)

// View is a state as it was when a barrier passed, which is encoded while its operator
// goes on.
type View interface {
	// Append adds the next piece of a state file to dst; done: it was the last. It is
	// called by one goroutine, which is not the operator's.
	Append(dst []byte) (out []byte, done bool, err error)
	// Drop tells that the view is needed no more, whether or not all of it was read.
	Drop()
}

// Part is what an operator's subtask keeps at a barrier: one file of the checkpoint.
type Part struct {
	Operator  string
	Subtask   int
	Watermark *int64
	// First and End bound the key groups in it; both 0: any.
	First, End int
	View       View // nil: only the watermark is kept
	// Since is the first barrier from which on the state has been what it is now; 0: it
	// changed since the barrier before.
	Since int64
}

// FilesView is a View that is files already: a checkpoint takes them as they are.
type FilesView interface {
	View
	// Format names what the files are; Files are all of them.
	Format() string
	Files() ([]NativeFile, error)
}

// NativeFile is one file of a FilesView. A fixed one has the same bytes whenever it is there.
type NativeFile struct {
	Name  string
	Fixed bool
	Open  func() (io.ReadCloser, error)
}

// name is that of the part's file.
func (p *Part) name(operator int) string {
	return p.set(operator) + ".state"
}

// set is the beginning of the names of the part's files.
func (p *Part) set(operator int) string {
	return fmt.Sprintf("operator-%03d-%03d", operator, p.Subtask)
}

// Stored is a Part in the store.
type Stored struct {
	Operator  string
	Watermark *int64
	Files     []checkpoint.File
	Linked    int64 // bytes of them that an earlier checkpoint had written
}

// Bytes is a View of bytes that are there already.
type Bytes []byte

// Append implements View.
func (b Bytes) Append(dst []byte) ([]byte, bool, error) { return append(dst, b...), true, nil }

// Drop implements View.
func (Bytes) Drop() {}
