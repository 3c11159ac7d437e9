package runtime

import (
	"fmt"

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

// name is that of the part's file.
func (p *Part) name(operator int) string {
	return fmt.Sprintf("operator-%03d-%03d.state", operator, p.Subtask)
}

// Stored is a Part in the store.
type Stored struct {
	Operator  string
	Watermark *int64
	File      *checkpoint.File // nil: the part has none
}

// Bytes is a View of bytes that are there already.
type Bytes []byte

// Append implements View.
func (b Bytes) Append(dst []byte) ([]byte, bool, error) { return append(dst, b...), true, nil }

// Drop implements View.
func (Bytes) Drop() {}
