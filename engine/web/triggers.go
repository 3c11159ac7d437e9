package web

import (
	"context"
	"sync"
)

// triggers are requests whose end is asked for later, by id: the newest ones.
//
// Invariants: order holds the ids of all, the oldest first. A trigger's over is closed once,
// with what came of it in place, when its job has ended at the latest; heard is closed once,
// when that was first told.
type triggers struct {
	mu    sync.Mutex
	all   map[string]*trigger
	order []string
}

type trigger struct {
	kind     string // what it asked for: the part of the path
	ends     bool   // the job
	over     chan struct{}
	location string
	err      error
	heard    chan struct{}
	told     sync.Once
}

// keptTriggers bounds triggers.
const keptTriggers = 100

// begin runs f, unless the id is known: then it has run already.
func (t *triggers) begin(id string, x *trigger, f func() (location string, err error)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all[id] != nil {
		return
	}
	x.over, x.heard = make(chan struct{}), make(chan struct{})
	t.all[id] = x
	if t.order = append(t.order, id); len(t.order) > keptTriggers {
		delete(t.all, t.order[0])
		t.order = t.order[1:]
	}
	go func() { // ends with the job
		x.location, x.err = f()
		close(x.over)
	}()
}

func (t *triggers) find(kind, id string) *trigger {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := t.all[id]; x != nil && x.kind == kind {
		return x
	}
	return nil
}

// answer is what is known of a trigger, in Flink's shape.
func (x *trigger) answer() object {
	select {
	case <-x.over:
	default:
		return object{"status": object{"id": "IN_PROGRESS"}, "operation": nil}
	}
	x.told.Do(func() { close(x.heard) })
	operation := object{}
	switch {
	case x.err != nil:
		operation["failure-cause"] = object{"class": "failure", "stack-trace": x.err.Error()}
	case x.location != "":
		operation["location"] = x.location
	}
	return object{"status": object{"id": "COMPLETED"}, "operation": operation}
}

// wait returns when what ended the job has been told, or with ctx.
func (t *triggers) wait(ctx context.Context) {
	t.mu.Lock()
	var ending []*trigger
	for _, x := range t.all {
		if x.ends {
			ending = append(ending, x)
		}
	}
	t.mu.Unlock()
	for _, x := range ending {
		select {
		case <-x.heard:
		case <-ctx.Done():
		}
	}
}
