package engine

import (
	"errors"
	"fmt"

	"taxistream/engine/internal/runtime"
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
	var panicked *runtime.Panic
	if errors.As(err, &panicked) {
		err = &PanicError{Value: panicked.Value, Stack: panicked.Stack}
	}
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

// printed is the element at work. It runs user code, String, that may panic.
func printed(o operator) (s string) {
	defer func() {
		if v := recover(); v != nil {
			s = fmt.Sprintf("an element that cannot be printed: %v", v)
		}
	}()
	return o.element()
}
