package engine

import (
	"errors"
	"fmt"

	"taxistream/engine/internal/runtime"
	"taxistream/engine/window"
)

// place is where a task is at work, for the names in errors. Whoever hands a batch or
// signal to an operator sets it, and sets it back when the call returns without
// error: so it points at the operator that failed or panicked.
type place struct {
	subtask int
	head    *node
	current operator // nil: the head
	origin  *origin  // of the elements at work; nil: not from one read, such as a window's result
}

// origin is the read that elements come from. It is shared and never changed.
type origin struct {
	split  string
	offset []byte // where the read began
}

// operator is an operator whatever its types.
type operator interface {
	name() string
	// element prints the element at work, "" if there is none.
	element() string
}

// blame names the operator, and the element with its origin, that an error comes from.
func (p *place) blame(err error) error {
	var named *OperatorError
	if errors.As(err, &named) {
		return err
	}
	err = unwrapPanic(err)
	e := &OperatorError{Operator: p.head.name, Subtask: p.subtask, Err: err}
	if p.current == nil {
		return e
	}
	e.Operator = p.current.name()
	if e.Element = printed(p.current); e.Element != "" && p.origin != nil {
		e.Split, e.Offset = p.origin.split, p.origin.offset
	}
	return e
}

// unwrapPanic makes the runtime's panic the one that users see.
func unwrapPanic(err error) error {
	var panicked *runtime.Panic
	if errors.As(err, &panicked) {
		return &PanicError{Value: panicked.Value, Stack: panicked.Stack}
	}
	return err
}

// guarded calls code of the operator n outside the steps of its task. What fails, or panics, is named.
func guarded(n *node, subtask int, what string, f func() error) error {
	err := unwrapPanic(runtime.Contain(f))
	var named *OperatorError
	if err == nil || errors.As(err, &named) {
		return err
	}
	return &OperatorError{Operator: n.name, Subtask: subtask, Err: fmt.Errorf("%s: %w", what, err)}
}

// firedWindow is the window of a key whose result is being made.
type firedWindow[K comparable] struct {
	key    K
	window window.Window
	some   bool // there is one
}

// print tells it, "" for none.
func (f *firedWindow[K]) print() string {
	if !f.some {
		return ""
	}
	return fmt.Sprintf("window %v of %v", f.window, f.key)
}

// atWork is the place in a batch that an operator is at.
type atWork[T any] struct {
	batch []Element[T]
	i     int
}

// element prints the element there, "" for none.
func (w *atWork[T]) element() string {
	if w.i < len(w.batch) {
		return w.batch[w.i].print()
	}
	return ""
}

// printed is the element at work. It runs user code, String, that may panic.
func printed(o operator) (s string) {
	defer func() {
		if v := recover(); v != nil {
			s = fmt.Sprintf("an element that cannot be printed: %v", v)
		}
	}()
	return o.element()
}
