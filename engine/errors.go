package engine

import (
	"errors"
	"fmt"
	"strings"

	"taxistream/engine/checkpoint"
)

// ErrCancelled is returned by Run when its context ended or Cancel was called: no
// last checkpoint was taken.
var ErrCancelled = errors.New("job cancelled")

// ErrNotRunning is returned by Stop and Drain of a job that does not run.
var ErrNotRunning = errors.New("job is not running")

// ErrFinished is returned by Run when the newest checkpoint is the last one of a
// drained job: there is nothing to go on from.
var ErrFinished = errors.New("the newest checkpoint is the last one of a drained job, with nothing to go on from: start from another checkpoint folder")

// FingerprintError is returned by Run when the newest checkpoint belongs to
// another stream or other rules.
type FingerprintError struct {
	ID      int64
	Differs []FingerprintDifference // by key
}

// FingerprintDifference is one key whose values differ; "" where it is absent.
type FingerprintDifference struct{ Key, Checkpoint, Job string }

// Error implements error.
func (e *FingerprintError) Error() string {
	parts := make([]string, len(e.Differs))
	for i, d := range e.Differs {
		parts[i] = fmt.Sprintf("%s is %q there and %q here", d.Key, d.Checkpoint, d.Job)
	}
	return fmt.Sprintf("checkpoint %d belongs to another job: %s; start from another checkpoint folder", e.ID, strings.Join(parts, ", "))
}

// NoneWholeError is returned by Run when checkpoints are there but none of them can
// be read: to start anew would be to forget what they held. See Config.AllowFreshStart.
type NoneWholeError struct{ Damaged []checkpoint.Damage } // the newest first

// Error implements error.
func (e *NoneWholeError) Error() string {
	newest := e.Damaged[0]
	return fmt.Sprintf("checkpoints are there, but none of them is whole (the newest, %d: %v)", newest.ID, newest.Err)
}

// StateLimitError is the failure of an operator's subtask that holds more keyed state than
// Config.MaxStateEntries allows.
type StateLimitError struct {
	Entries, Limit int64
	Watermark      int64 // of the operator
}

// Error implements error.
func (e *StateLimitError) Error() string {
	return fmt.Sprintf("it holds %d entries of keyed state, and the limit is %d: find out why its watermark (%s) does not pass them, or raise the limit", e.Entries, e.Limit, FormatTime(e.Watermark))
}

// StateError is the failure of a state backend, or of the codec of what it holds.
type StateError struct {
	State string // its name
	Err   error
	what  string
}

// Error implements error.
func (e *StateError) Error() string { return fmt.Sprintf("%s state %q: %v", e.what, e.State, e.Err) }

// Unwrap gives the cause.
func (e *StateError) Unwrap() error { return e.Err }

// IncompatibleError is returned by Run when a checkpoint's state does not fit the job's graph.
type IncompatibleError struct {
	ID     int64
	Detail string
}

// Error implements error.
func (e *IncompatibleError) Error() string {
	return fmt.Sprintf("checkpoint %d does not fit this job: %s", e.ID, e.Detail)
}

// OperatorError names the operator and subtask that failed and, where it is known, the
// element at work.
type OperatorError struct {
	Operator string
	Subtask  int
	// Element prints the element that the operator had in hand; of a sink, the first of
	// its batch. Empty: none.
	Element string
	// Split and Offset are where the element was read: the split, and the offset at which the
	// read that brought it began. Empty for what has no single origin, such as a window's result.
	Split  string
	Offset []byte
	Err    error
}

// Error implements error.
func (e *OperatorError) Error() string {
	return fmt.Sprintf("operator %s, subtask %d: %v", e.Operator, e.Subtask, e.Err)
}

// Unwrap gives the cause.
func (e *OperatorError) Unwrap() error { return e.Err }

// PanicError is a panic of an operator's code, made an error.
type PanicError struct {
	Value any
	Stack string
}

// Error implements error; the stack is left to logs.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }
