package engine

import (
	"bytes"
	"fmt"

	"taxistream/engine/checkpoint"
)

// restored is the checkpoint that an attempt goes on from; nil: it starts from nothing.
type restored struct{ c *checkpoint.Checkpoint }

// id is the checkpoint's, 0 without one.
func (r *restored) id() int64 {
	if r == nil {
		return 0
	}
	return r.c.ID
}

// list is the state of an operator that belongs to no key, in the order of subtasks.
func (r *restored) list(n *node) (list [][]byte, found bool, err error) {
	if r == nil {
		return nil, false, nil
	}
	_, found = r.c.Operators[n.name]
	err = r.c.States(n.name, nil, func(e checkpoint.Entry) error {
		if e.State.Layout != 1 || e.Group >= 0 {
			return r.incompatible("state %q of %q has layout %d, this program reads 1", e.State.Name, n.name, e.State.Layout)
		}
		list = append(list, bytes.Clone(e.Data))
		return nil
	})
	return list, found, err
}

// dealt is a subtask's share of an operator's list.
func (r *restored) dealt(n *node, subtask, parallelism int) (share [][]byte, err error) {
	list, _, err := r.list(n)
	for i, entry := range list {
		if i%parallelism == subtask {
			share = append(share, entry)
		}
	}
	return share, err
}

// splits are a source's.
func (r *restored) splits(n *node) (s restoredSplits, found bool, err error) {
	list, found, err := r.list(n)
	if err != nil {
		return s, found, err
	}
	if s, err = decodeSplits(list); err != nil {
		return s, found, r.incompatible("source %q: %v", n.name, err)
	}
	return s, found, nil
}

func (r *restored) incompatible(format string, args ...any) error {
	return &IncompatibleError{ID: r.id(), Detail: fmt.Sprintf(format, args...)}
}
